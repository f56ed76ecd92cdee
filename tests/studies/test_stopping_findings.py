"""What stopping early saved, and what the samples drawn say once the stop is taken into account."""

import json
from dataclasses import asdict

import numpy as np
import pytest

from experiments.statistics.settled_vote import beta_risk, fewest_to_settle, is_decided
from experiments.studies.base import ConditionPools
from experiments.studies.stopped import Stopped
from experiments.studies.stopping_findings import stopping_findings
from tests.statistics.pools import pool
from tests.studies.attempts import outcome, pool_condition, setting

N_MAX, RISK = 16, 0.05


def stopped_condition(label: str = "adaptive", **answers: list[int]) -> ConditionPools:
    """Answers by problem as drawn by the rule; answer 0 is right."""
    pools, outcomes = [], []
    for problem, found in answers.items():
        votes = np.bincount([answer for answer in found if answer >= 0], minlength=1)
        risk = beta_risk(votes)
        why = "the vote is settled" if risk <= RISK else "all samples drawn"
        trace = {"drawn": len(found), "saved": N_MAX - len(found), "n_max": N_MAX, "stopped": why, "risk": risk}
        outcomes.append(outcome(problem, bool(votes.argmax() == 0), rule={"against": "beta", "error_risk": RISK}, **trace))
        pools.append(pool(found, problem=problem))
    return ConditionPools(label, label, pools, len(pools), outcomes, setting("adaptive_consistency"))


def found(*conditions):
    (finding,) = stopping_findings(conditions, np.random.default_rng(0))
    json.dumps(asdict(finding), allow_nan=False)
    return finding


def test_what_was_drawn_and_saved_is_told_with_its_interval_and_by_problem():
    finding = found(stopped_condition(a=[0] * 4, b=[1] * 4, c=[0, 1] * 8))
    assert finding.sentence.startswith("adaptive: 2 of 3 attempts stopped early; 8.0 [4.0, 16.0] of 16 samples were drawn")
    assert "50% saved, on 3 problems." in finding.sentence
    assert "with a chance of 0.031 on average." in finding.sentence
    rows = finding.details["table"]["rows"]
    assert [row[1:5] for row in rows] == [
        ["a", "4", "12", "the vote is settled"],
        ["b", "4", "12", "the vote is settled"],
        ["c", "16", "0", "all samples drawn"],
    ]
    assert finding.figure.series[0].y[:4] == pytest.approx([0, 0, 0, 2 / 3])
    assert finding.figure.series[0].y[-1] == 1


def test_the_answers_are_compared_with_the_majority_of_as_many_samples_for_every_problem():
    # 8 samples each on average. The majority of 8 of 16: right for a, wrong for b, an even chance for c.
    reference = pool_condition(a=[0] * 16, b=[1] * 16, c=[0, 1] * 8)
    finding = found(stopped_condition(a=[0] * 4, b=[1] * 4, c=[0, 1] * 8), reference)
    difference = finding.estimates["adaptive: answer handed in − majority of 8.0 samples each"]
    assert (difference.value, difference.n) == (pytest.approx((0 + 0 + 0.5) / 3), 3)
    assert "Answer handed in − majority of 8.0 samples each: +0.17" in finding.sentence


def test_a_share_among_samples_drawn_until_they_agreed_is_corrected():
    # All of 1,000 attempts at p = 0.7 by the rule itself: the plain share is too extreme, the corrected one right on average.
    rng = np.random.default_rng(4)
    answers = {}
    for attempt in range(1000):
        drawn: list[int] = []
        votes = [0, 0]
        while not drawn or (beta_risk(votes) > RISK and not is_decided(votes, N_MAX - len(drawn)) and len(drawn) < N_MAX):
            drawn += (rng.random(fewest_to_settle(votes, N_MAX - len(drawn), beta_risk, RISK)) > 0.7).astype(int).tolist()
            votes = np.bincount(drawn, minlength=2).tolist()
        answers[f"p{attempt:04}"] = drawn
    told = Stopped.of(stopped_condition(**answers))
    error = told.corrected.std() / np.sqrt(1000)
    assert told.corrected.mean() == pytest.approx(0.7, abs=3 * error)
    assert told.single.mean() - 0.7 > 5 * error


def test_an_attempt_that_its_budget_ended_leaves_nothing_to_correct():
    condition = stopped_condition(a=[0] * 4)
    condition.outcomes[0].trace["stopped"] = "token budget spent"
    assert "corrected" not in found(condition).sentence


def test_without_a_strategy_that_stops_there_is_nothing_to_say():
    assert stopping_findings([pool_condition(a=[0])], np.random.default_rng(0)) == []
