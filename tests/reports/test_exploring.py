"""The interactive figure's numbers: the same as the statistics' own, on any part of the problems, for every cost."""

from dataclasses import replace

import numpy as np
import pytest

from experiments.domain.errors import InvalidInput, UnknownName
from experiments.models import Attempt, LanguageModel, Run
from experiments.reports.explored_figure import shown
from experiments.reports.explorers import explorer_of
from experiments.reports.exploring import Explorer, points
from tests.factories import make_experiment, make_language_model, make_run, make_sample, make_variant

from .rows import finish_all, finish_attempt

pytestmark = pytest.mark.django_db
RIGHT, WRONG = ("correct", "3"), ("wrong", "4")


def explorer(run: Run) -> Explorer:
    found = Explorer(run)
    found.update(run)
    return found


@pytest.fixture
def run() -> Run:
    """Four samples of six problems, of which 0, 1, 1, 2, 3 and 4 are right; earlier samples have the higher logprobs."""
    run = make_run(n=4, problems=6)
    for attempt, n_right in zip(run.attempts.order_by("position"), (0, 1, 1, 2, 3, 4), strict=True):
        finish_attempt(attempt, *[RIGHT] * n_right, *[WRONG] * (4 - n_right))
    return run


def accuracies(explored) -> dict[str, list[float]]:
    return {curve.selector.name: [each.value for each in curve.accuracy] for curve in explored.curves}


def test_curves_are_those_of_the_selectors_with_n_and_interval(run):
    found = explorer(run)
    explored = found.explore(replace(found.usual(), selectors=("oracle", "best:mean_logprob", "mean")))
    values = accuracies(explored)
    assert values["mean"] == pytest.approx([11 / 24] * 4)
    # pass@2 of 1 of 4 is 1/2, of 2 of 4 it is 5/6.
    assert values["oracle"][1] == pytest.approx((0 + 0.5 + 0.5 + 5 / 6 + 1 + 1) / 6)
    # The likeliest of all four is the first, right wherever any is.
    assert values["best:mean_logprob"][3] == pytest.approx(5 / 6)
    estimate = explored.curves[0].accuracy[0]
    assert estimate.n == 6
    assert estimate.low < estimate.value < estimate.high


def test_a_difference_is_paired_with_the_baseline_at_k_and_has_none_for_itself(run):
    found = explorer(run)
    explored = found.explore(replace(found.usual(), selectors=("oracle", "mean"), baseline="mean", k=2))
    oracle, mean = explored.curves
    assert oracle.difference.value == pytest.approx(oracle.accuracy[1].value - 11 / 24)
    assert oracle.difference.low >= 0
    assert mean.difference is None


def test_equal_states_give_equal_numbers_and_another_k_moves_no_interval(run):
    found = explorer(run)
    state = replace(found.usual(), selectors=("majority", "mean"))
    first, again, moved = (found.explore(each) for each in (state, state, replace(state, k=1, x="tokens")))
    assert first == again
    assert [curve.accuracy for curve in first.curves] == [curve.accuracy for curve in moved.curves]


def test_groups_by_success_rate_say_that_they_are_an_oracles(run):
    found = explorer(run)
    group = found.groups["oracle-1of3"]
    assert (group.family, group.label) == ("By success rate (oracle)", "hardest third")
    assert group.problems == {"p0"}
    assert found.groups["oracle-2of3"].problems == {"p1", "p2", "p3"}
    explored = found.explore(replace(found.usual(), problems="oracle-1of3", selectors=("oracle",)))
    assert accuracies(explored)["oracle"] == [0, 0, 0, 0]
    assert explored.curves[0].accuracy[0].n == 1
    assert explored.curves[0].accuracy[0].low is None


def test_groups_by_a_verifier_are_predicted_from_its_mean_over_the_pool():
    run = make_run(n=1, problems=3)
    for attempt, mean_logprob in zip(run.attempts.order_by("position"), (-0.5, -3.0, -1.0), strict=True):
        make_sample(attempt, 0, mean_logprob=mean_logprob)
        Attempt.objects.filter(pk=attempt.pk).update(state="done")
    groups = explorer(run).groups
    assert groups["mean_logprob-1of3"].problems == {"p1"}
    assert groups["mean_logprob-3of3"].problems == {"p0"}
    assert groups["mean_logprob-1of3"].family == "By mean logprob, on average (predicted)"


def test_tokens_count_a_shared_prompt_once_and_judges_only_where_a_selector_ranks_by_them():
    run = make_run(n=2, problems=1)
    attempt = run.attempts.get()
    make_sample(attempt, 0, prompt_tokens=10, completion_tokens=4)
    make_sample(attempt, 1, prompt_tokens=10, cached_tokens=10, completion_tokens=6)
    judging = {"request_hash": "1" * 32, "prompt_tokens": 20, "completion_tokens": 1, "purpose": "judge", "verdict": None}
    judging["verifier"] = "mean_logprob"
    for index in (0, 1):
        make_sample(attempt, index, **judging)
    Attempt.objects.filter(pk=attempt.pk).update(state="done")
    found = explorer(run)
    explored = found.explore(replace(found.usual(), x="tokens", selectors=("majority", "best:mean_logprob")))
    majority, best = ([each.value for each in curve.cost] for curve in explored.curves)
    assert majority == [15, 20]
    assert np.subtract(best, majority).tolist() == [21, 42]


def test_money_and_flops_are_offered_only_where_they_are_known(run):
    assert "flops" not in explorer(run).units
    assert "money" not in explorer(run).units
    model = make_language_model()
    LanguageModel.objects.filter(pk=model.pk).update(n_parameters=1000)
    sized = make_run(n=2, problems=2, language_models=[LanguageModel.objects.get(pk=model.pk)])
    for attempt in sized.attempts.all():
        finish_attempt(attempt, RIGHT, WRONG)
    found = explorer(sized)
    (curve,) = found.explore(replace(found.usual(), selectors=("mean",), x="flops")).curves
    # A prompt of 10 and texts of 10 and 11 tokens, every prompt computed: 2 x 1000 x (10 + 10.5) for one of them.
    assert curve.cost[0].value == 2000 * 20.5
    assert curve.cost[1].value == 2000 * (20 + 21)


def test_several_conditions_have_curves_of_their_own():
    experiment = make_experiment(n=2, problems=2, variants=[make_variant(name="one"), make_variant(name="two")])
    run = make_run(experiment)
    finish_all(run, RIGHT, WRONG)
    found = explorer(run)
    explored = found.explore(replace(found.usual(), selectors=("mean",)))
    assert [curve.condition for curve in explored.curves] == list(found.conditions)
    assert len(found.conditions) == 2


def test_what_is_not_offered_is_refused_by_name(run):
    found = explorer(run)
    with pytest.raises(UnknownName, match="selector “coin”"):
        found.explore(replace(found.usual(), selectors=("coin",)))
    with pytest.raises(InvalidInput, match="k must be one of 1, 2, 3, 4; 9 is not"):
        found.explore(replace(found.usual(), k=9))


def test_a_live_run_is_taken_in_as_it_grows():
    run = make_run(n=2, problems=2)
    assert explorer_of(run).is_empty
    first, second = run.attempts.order_by("position")
    for done, attempt in enumerate((first, second), start=1):
        finish_attempt(attempt, RIGHT, WRONG)
        Run.objects.filter(pk=run.pk).update(n_attempts_done=done)
        found = explorer_of(Run.objects.get(pk=run.pk))
        assert found.explore(found.usual()).curves[0].accuracy[0].n == done


def test_no_query_is_needed_while_nothing_is_new(run, django_assert_num_queries):
    found = explorer_of(run)
    found.explore(found.usual())
    with django_assert_num_queries(0):
        again = explorer_of(run)
        again.explore(replace(again.usual(), k=2, x="tokens", selectors=("shortest", "longest")))


def test_points_are_dense_where_curves_bend_and_end_at_n():
    assert points(3) == (1, 2, 3)
    assert points(30) == (1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 16, 20, 24, 28, 30)
    assert points(64)[-5:] == (32, 40, 48, 56, 64)
    assert points(0) == ()


def test_the_drawing_says_at_every_point_what_the_table_says(run):
    found = explorer(run)
    drawn = shown(found.explore(replace(found.usual(), selectors=("oracle", "mean"), k=2, x="tokens")))
    oracle, mean = drawn.curves
    line = next(trace for trace in drawn.plot["data"] if trace.get("name") == "oracle (pass@k)")
    assert line["text"][1] == f"k = 2: {oracle.at_k}, n = 6<br>at {oracle.cost_at_k}"
    assert line["marker"]["size"] == [5, 12, 5, 5]
    assert oracle.at_k == oracle.values[1][1]
    assert drawn.sentence == f"At k = 2 on 6 problems: oracle (pass@k) {oracle.at_k}; mean (no selection) {mean.at_k}."


def test_the_frontier_leaves_out_what_only_an_oracle_can_have(run):
    found = explorer(run)
    drawn = shown(found.explore(replace(found.usual(), selectors=("oracle", "best:mean_logprob", "mean"), x="tokens", k=4)))
    assert [curve.on_frontier for curve in drawn.curves] == [False, True, False]
    frontier = next(trace for trace in drawn.plot["data"] if trace.get("name") == "Pareto frontier")
    best = drawn.plot["data"][-3]
    assert frontier["y"] == sorted(set(best["y"]))


def test_a_small_difference_reads_as_none(run):
    found = explorer(run)
    drawn = shown(found.explore(replace(found.usual(), selectors=("shortest", "mean"), k=1)))
    assert drawn.curves[0].difference.endswith("no clear difference")
    assert not drawn.curves[0].is_clear
