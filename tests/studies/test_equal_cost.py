"""Strategies at equal cost: the design, who is compared with what, and what may be claimed."""

import json
from dataclasses import asdict, replace

import numpy as np
import pytest

from experiments.domain.errors import InvalidInput
from experiments.domain.types import Decoding
from experiments.statistics.curves import selector_curves
from experiments.studies.base import studies

from .spending import arm, pool_condition

RNG = np.random.default_rng(11)
HALF = RNG.random(40)


def study(**options):
    return studies.build("test_time_compute", options)


def findings(*conditions, seed=0, **options):
    found = study(**options).findings(conditions, np.random.default_rng(seed))
    for finding in found:
        json.dumps(asdict(finding), allow_nan=False)
    return {finding.key: finding for finding in found}


def table(found) -> dict[str, dict[str, str]]:
    """Row by strategy, cell by column."""
    shown = found["table"].details["table"]
    return {row[0]: dict(zip(shown["columns"], row, strict=True)) for row in shown["rows"]}


class TestLayOut:
    def cells(self, models=("m",), variants=("plain",), decoding=None, **options):
        return study(**options).lay_out(list(models), list(variants), decoding or Decoding())

    def test_the_pool_stands_first_and_every_strategy_meets_every_budget(self):
        cells = self.cells(strategies=["beam_search", "dvts"], budgets=[4, 16], pool_n=20)
        assert [cell.label for cell in cells] == [
            "pool of 20",
            "{strategy}, N = 4",
            "{strategy}, N = 16",
            "{strategy}, N = 4",
            "{strategy}, N = 16",
        ]
        assert len({cell.key for cell in cells}) == len(cells)
        assert [cell.offered.get("n|width|particles") for cell in cells] == [None, 4, 16, 4, 16]

    def test_models_variants_temperatures_and_top_ps_are_crossed(self):
        cells = self.cells(["a", "b"], ["x", "y"], strategies=["dvts"], temperatures=[0.5, 1], top_ps=[0.9, 1])
        assert len(cells) == 2 * 2 * 2 * 2 * 2
        assert cells[-1].label == "{strategy} (b, y, temperature 1, top-p 1)"
        assert {(cell.decoding.temperature, cell.decoding.top_p) for cell in cells} == {(0.5, 0.9), (0.5, 1), (1, 0.9), (1, 1)}

    def test_a_list_of_own_options_makes_a_condition_of_each(self):
        shapes = [{"chains": 1, "length": 8}, {"chains": 8, "length": 1}]
        cells = self.cells(strategies=["revisions"], overrides={"revisions": shapes})
        assert [cell.strategy.params for cell in cells[1:]] == shapes
        assert cells[1].label == "{strategy}, chains 1, length 8"

    def test_options_for_a_strategy_that_was_not_chosen_are_refused(self):
        with pytest.raises(InvalidInput, match="“dvts”, which is not among the strategies"):
            self.cells(strategies=["beam_search"], overrides={"dvts": {"n": 4}})

    @pytest.mark.parametrize(
        ("options", "said"),
        [
            ({"budgets": [0]}, "at least 1"),
            ({"budgets": []}, "at least one budget"),
            ({"strategies": ["dvts"], "overrides": {"dvts": 3}}, "must be an object"),
        ],
    )
    def test_what_is_no_budget_and_no_options_is_refused(self, options, said):
        with pytest.raises(InvalidInput, match=said):
            study(**options)

    def test_temperature_zero_is_refused_because_the_pool_would_be_one_text(self):
        with pytest.raises(InvalidInput, match="temperature 0"):
            self.cells(decoding=Decoding(temperature=0))


class TestComparison:
    def test_the_reference_is_read_where_the_pool_has_cost_as_much(self):
        pool = pool_condition(HALF, n=8)
        found = findings(pool, arm("beam_search", [True] * 40, n=4))
        best_of_four = selector_curves(pool.pools, (4,), "mean_logprob", seed=0).at("best", 4).mean()
        difference = found["headline"].estimates["beam search − best of N by mean logprob at equal tokens"]
        assert difference.value == pytest.approx(1 - best_of_four)
        assert difference.n == 40
        assert table(found)["beam search"]["samples of the pool for as many tokens"] == "4.0"
        assert table(found)["beam search"]["verdict"] == "better"
        assert "beam search comes out first of 3" in found["headline"].sentence

    def test_a_strategy_that_is_a_pool_by_another_name_is_no_clear_difference(self):
        pool = pool_condition(HALF, n=8)
        luck = np.random.default_rng(3).random(40) < selector_curves(pool.pools, (4,), "mean_logprob", 0).at("best", 4)
        found = findings(pool, arm("dvts", luck, n=4))
        assert table(found)["dvts"]["verdict"] == "no clear difference"

    def test_what_uses_an_oracle_says_so_and_is_not_ranked(self):
        found = findings(pool_condition(HALF), arm("repair", [True] * 40, oracle=True), arm("dvts", [False] * 40))
        assert table(found)["repair (oracle)"]["verdict"] == "oracle: not ranked"
        assert not any("oracle" in name for name in found["headline"].estimates)
        drawn = [series.name for series in found["cost-tokens"].figure.series]
        assert "repair (oracle)" in drawn
        assert "any of k (oracle)" in drawn
        frontier = next(series for series in found["cost-tokens"].figure.series if series.name == "Pareto frontier")
        assert max(frontier.y) < 1

    def test_what_cost_more_than_the_whole_pool_says_so(self):
        found = findings(pool_condition(HALF, n=4), arm("revisions", [True] * 40, n=30))
        row = table(found)["revisions"]
        assert row["samples of the pool for as many tokens"] == "over 4"
        assert row["verdict"] == "better, but cost more than the whole pool"

    def test_only_problems_that_all_have_finished_are_compared_and_the_others_told(self):
        found = findings(pool_condition(HALF), arm("dvts", [True] * 30))
        assert table(found)["dvts"]["n"] == "30"
        assert "10 problems not finished by all strategies left out" in found["table"].sentence

    def test_a_strategy_that_wrote_nothing_is_in_the_table_and_in_no_figure(self):
        found = findings(pool_condition(HALF), arm("self_consistency", [False] * 40, n=0), arm("dvts", [True] * 40))
        assert table(found)["self consistency"]["samples of the pool for as many tokens"] == "under 1"
        drawn = {series.name for series in found["cost-tokens"].figure.series}
        assert "dvts" in drawn
        assert "self consistency" not in drawn

    def test_an_attempt_that_ended_after_the_pools_were_read_waits_for_the_next_time(self):
        pool = pool_condition(HALF)
        late = replace(pool, pools=pool.pools[:-1])
        assert table(findings(late, arm("dvts", [True] * 40)))["dvts"]["n"] == "39"

    def test_without_scores_the_majority_is_the_reference(self):
        found = findings(pool_condition(HALF, scored=False), arm("dvts", [True] * 40))
        assert "against majority of N" in found["headline"].sentence

    def test_the_majority_is_the_reference_where_it_is_asked_for(self):
        pool = pool_condition(HALF, n=8)
        found = findings(pool, arm("dvts", [True] * 40, n=4), reference="majority")
        majority = selector_curves(pool.pools, (4,), None, seed=0).at("majority", 4).mean()
        difference = found["headline"].estimates["dvts − majority of N at equal tokens"]
        assert difference.value == pytest.approx(1 - majority, abs=0.02)  # majority breaks ties by lot
        assert table(found)["majority of 8"]["verdict"] == "reference"

    def test_the_pareto_frontier_is_beaten_by_no_strategy_and_no_k_of_the_pool(self):
        figure = findings(pool_condition(HALF), arm("dvts", HALF > 0.5, n=3))["cost-tokens"].figure
        frontier = figure.series[-1]
        for series in figure.series[:-1]:
            for x, y in zip(series.x, series.y, strict=True):
                best = max(b for a, b in zip(frontier.x, frontier.y, strict=True) if a <= x)
                assert y <= best + 1e-12 or "oracle" in series.name

    def test_five_problems_are_too_few_for_a_claim(self):
        found = findings(pool_condition([0.0] * 5), arm("dvts", [True] * 5))
        assert table(found)["dvts"]["verdict"] == "no clear difference"

    def test_another_axis_ranks_where_it_is_asked_for(self):
        found = findings(pool_condition(HALF), arm("dvts", [True] * 40, n=4), axis="samples")
        assert "At equal samples and against" in found["headline"].sentence
        assert next(key for key in found if key.startswith("cost-")) == "cost-samples"

    def test_every_cost_that_is_known_has_its_figure(self):
        found = findings(pool_condition(HALF), arm("dvts", [True] * 40))
        axes = {"tokens", "completion_tokens", "samples", "calls", "seconds", "money", "flops", "eflops", "ideal_seconds"}
        assert {key.removeprefix("cost-") for key in found if key.startswith("cost-")} == {*axes, "prefill_tokens"}
        for key in (each for each in found if each.startswith("cost-")):
            for series in found[key].figure.series:
                assert len(series.x) == len(series.y)

    def test_before_anything_is_finished_it_says_so(self):
        found = findings()
        assert list(found) == ["headline"]
        assert "nothing to compare" in found["headline"].sentence

    def test_a_pool_alone_is_told_and_nothing_is_compared(self):
        found = findings(pool_condition(HALF, scored=False))
        assert "no strategy is finished yet" in found["headline"].sentence
        assert found["headline"].estimates == {}

    def test_the_same_outcomes_and_seed_give_the_same_findings(self):
        conditions = (pool_condition(HALF), arm("dvts", [True, False] * 20))
        assert [asdict(each) for each in findings(*conditions).values()] == [
            asdict(each) for each in findings(*conditions).values()
        ]


class TestSweeps:
    def test_accuracy_is_drawn_against_the_budget(self):
        arms = [arm("rebase", share > HALF, n=n, label=f"rebase, N = {n}", width=n) for n, share in ((2, 0.3), (8, 0.6))]
        line = findings(pool_condition(HALF), *arms)["budgets"].figure.series[0]
        assert (line.name, line.x) == ("rebase", [2, 8])
        assert line.y == [np.mean(share > HALF) for share in (0.3, 0.6)]

    def test_accuracy_is_drawn_against_the_temperature_with_a_warning(self):
        conditions = []
        for temperature in (0.5, 1.0):
            way = Decoding(temperature=temperature)
            conditions += [pool_condition(HALF, decoding=way), arm("dvts", temperature / 2 > HALF, decoding=way)]
        found = findings(*conditions)["decoding"]
        line = next(series for series in found.figure.series if series.name.startswith("dvts"))
        assert line.x == [0.5, 1.0]
        assert "picked by the answers" in found.sentence

    def test_chains_are_drawn_against_their_length_by_difficulty(self):
        shapes = [(8, 1), (4, 2), (1, 8)]
        arms = [arm("revisions", c / 8 > HALF, label=f"revisions {c}", chains=c, length=s) for c, s in shapes]
        drawn = findings(pool_condition(HALF, n=16), *arms)["ratio"].figure.series
        assert drawn[0].x == [1 / 8, 1 / 2, 8]
        assert {series.name.partition(", ")[2] for series in drawn[1:]} == {
            f"8 answers, {word} (oracle bin)" for word in ("easy", "middling", "hard")
        }


class TestPolicies:
    def test_a_policy_by_difficulty_beats_the_best_fixed_strategy_where_no_strategy_suits_all(self):
        easy = np.arange(120) % 2 == 0
        pool = pool_condition(np.where(easy, 0.9, 0.05), n=16, seed=2)
        found = findings(pool, arm("revisions", easy), arm("beam_search", ~easy))["difficulty"]
        gain = found.estimates["policy by oracle bins − best fixed strategy"]
        assert gain.low > 0.2
        chosen = found.details["policies"]["all"]["absolute bins (oracle)"]
        assert (chosen["1"], chosen["3"]) == (["revisions"], ["beam search"])

    def test_where_strategies_are_alike_the_policy_gains_nothing(self):
        rng = np.random.default_rng(6)
        arms = [arm(name, rng.random(120) < 0.5) for name in ("dvts", "mcts", "rebase")]
        found = findings(pool_condition([0.5] * 120, n=16), *arms)["difficulty"]
        assert found.estimates["policy by oracle bins − best fixed strategy"].low <= 0
        assert "no clear difference" in found.sentence

    def test_hindsight_buys_at_least_what_one_strategy_for_all_does(self):
        found = findings(pool_condition(HALF), arm("dvts", HALF < 0.5, n=2), arm("mcts", HALF > 0.4, n=6))["frontier"]
        fixed, hindsight = found.figure.series
        assert "oracle" in hindsight.name
        assert all(a <= b for a, b in zip(fixed.y, hindsight.y, strict=True))


class TestModels:
    def test_a_small_model_is_compared_with_a_larger_one_at_equal_flops(self):
        large = {"model": "large", "n_parameters": 14_000}
        conditions = [pool_condition(HALF, n=8), arm("dvts", [True] * 40, n=8), pool_condition(HALF, n=8, seed=5, **large)]
        plain = findings(*conditions)["models"]
        assert "14.0 times larger" in plain.sentence
        assert "worth 14 of the smaller" in plain.sentence
        counted = findings(*conditions, pretraining_ratio=0.16)["models"]
        assert "worth 257.8 of the smaller" in counted.sentence
