"""What pruning saved."""

import numpy as np
import pytest

from experiments.studies.base import ConditionPools
from experiments.studies.pruning_findings import pruning_findings
from tests.studies.attempts import outcome, pool_condition, setting


def pruned(problem: str, places: list[int], tokens: int, saved: int):
    trace = {"begun": 8, "pruned": places, "finished": 8 - len(places), "tokens": tokens, "tokens_saved_estimate": saved}
    return outcome(problem, True, stopped="pruned", **trace)


def test_pruned_answers_and_saved_tokens_are_means_over_problems():
    outcomes = [pruned("a", [1, 2], 100, 20), pruned("a", [1, 2, 3, 4], 60, 40), pruned("b", [], 130, 0)]
    condition = ConditionPools("early", "early pruning", [], 3, outcomes, setting("early_pruning"))
    (finding,) = pruning_findings([condition, pool_condition(a=[0])], np.random.default_rng(0))
    assert finding.estimates["early pruning: answers pruned"].value == pytest.approx((3 + 0) / 2)
    assert finding.estimates["early pruning: tokens saved (estimate)"].value == pytest.approx((30 + 0) / 2)
    # Means by problem: 30 saved of 30 + 80 + 130.
    assert ", 12% of what would have been written, on 2 problems." in finding.sentence
    assert finding.details["table"]["rows"][0] == ["early pruning", "a", "8", "2", "6", "100", "20", "pruned"]


def test_without_pruning_there_is_nothing_to_say():
    assert pruning_findings([pool_condition(a=[0])], np.random.default_rng(0)) == []
