"""What a format study says where Thompson sampling looked for the best and the worst format."""

import numpy as np

from experiments.statistics.pools import Pool
from experiments.studies.base import ConditionPools, studies

PROBLEMS = [f"p{i:02}" for i in range(24)]
#: How many of the problems a format gets right, in the study's own order of them.
RIGHT = {"f0": 12, "f1": 24, "f2": 3, "f3": 12, "f4": 14}
STUDY = studies.build(
    "format_spread", {"n_formats": 4, "mode": "thompson", "budget": 80, "pull": 4, "at_once": 2, "held_out": 0.5}
)


def is_right(key: str, problem: str) -> float:
    """Spread evenly over the problems, so that each half has its share."""
    place = STUDY.split.in_order(PROBLEMS).index(problem)
    return float((place * RIGHT[key]) % 24 < RIGHT[key])


def worked_on(rounds: int) -> tuple[dict[str, dict[str, float]], bool]:
    """Results after so many rounds, and whether that was all."""
    results: dict[str, dict[str, float]] = {f"model1-variant1-{key}": {} for key in RIGHT}
    for _ in range(rounds):
        wanted = STUDY.allocate(results, PROBLEMS)
        if not wanted:
            return results, True
        for condition, problem in wanted:
            assert problem not in results[condition]
            results[condition][problem] = is_right(condition.rpartition("-")[2], problem)
    return results, False


def findings(results: dict[str, dict[str, float]], failed: str = ""):
    conditions = []
    for key, found in results.items():
        pools = [
            Pool(problem, np.array([0]), np.array([bool(right)]), np.array([1]), grading=[{}])
            for problem, right in found.items()
            if problem != failed
        ]
        label = f"format {key.rpartition('f')[2]}"
        conditions.append(ConditionPools(key, label, pools, len(found), ended=frozenset(found)))
    return {found.key: found for found in STUDY.findings(conditions, np.random.default_rng(0))}


def test_before_the_original_is_done_nothing_is_claimed():
    found = findings({f"model1-variant1-{key}": {} for key in RIGHT})
    assert set(found) == {"headline"}
    assert "the search begins after it" in found["headline"].sentence


def test_on_the_way_it_tells_what_it_looks_for():
    results, _ = worked_on(4)
    found = findings(results)
    assert found["headline"].sentence.startswith("Looking for the best format: after ")
    assert len(found["search"].figure.series[0].x) == 3
    assert not any(key.startswith("extremes") for key in found)


def test_at_the_end_the_extremes_are_compared_on_held_out_problems():
    results, is_over = worked_on(100)
    assert is_over
    found = findings(results)
    extremes = found["extremes-model1-variant1"]
    assert "the best is format 1 and the worst format 2. On the other 12 problems" in extremes.sentence
    # Of the 12 held-out problems format 1 gets all; 3 of 24 in steps of 8 places are those at 0, 8 and 16, so one of the 12.
    assert extremes.estimates["best format, held out"].value == 1
    assert extremes.estimates["worst format, held out"].value == 1 / 12
    assert "there is no band of chance for this spread" in found["headline"].sentence


def test_it_asks_for_less_than_everything_and_never_beyond_what_was_announced():
    results, _ = worked_on(100)
    n = sum(len(found) for found in results.values())
    assert n < STUDY.n_asks(5, 24) == 5 * 24


def test_two_models_are_searched_apart():
    results = {f"model{i}-variant1-{key}": {} for i in (1, 2) for key in RIGHT}
    wanted = STUDY.allocate(results, PROBLEMS)
    assert {ask.condition for ask in wanted} == {"model1-variant1-f0", "model2-variant1-f0"}
    for ask in wanted:
        results[ask.condition][ask.problem] = is_right("f0", ask.problem)
    second = [ask for ask in STUDY.allocate(results, PROBLEMS) if ask.condition.startswith("model2")]
    assert second
    assert second != [ask for ask in STUDY.allocate(results, PROBLEMS) if ask.condition.startswith("model1")]


def test_a_problem_that_failed_is_no_obstacle():
    results, _ = worked_on(100)
    failed = STUDY.split.in_order(PROBLEMS)[-1]
    found = findings(results, failed)
    assert found["extremes-model1-variant1"].estimates["difference, held out"].n == 11
