from dataclasses import replace

import numpy as np
import pytest

from experiments.statistics.curves import BLIND, selector_curves
from experiments.statistics.pools import offered
from experiments.statistics.selectors.family import SELECTORS, applicable
from experiments.statistics.selectors.majority import majority
from experiments.statistics.selectors.weighted_vote import weighted_vote

from .pools import pool

KS = (1, 2, 3)


def test_every_row_is_one_problem_under_its_own_selector():
    first = pool([0, 1, 0], problem="a", score=[0.1, 0.9, 0.5], tokens=[3, 1, 2])
    second = pool([1, 1, 0], problem="b", score=[0.1, 0.2, 0.3], tokens=[3, 3, 3])
    curves = selector_curves([second, first], KS, "score", seed=1)
    assert curves.problems == ("a", "b")
    assert curves.values["oracle"] == pytest.approx(np.array([[2 / 3, 1, 1], [1 / 3, 2 / 3, 1]]))
    assert curves.values["best"] == pytest.approx(np.array([[2 / 3, 1 / 3, 0], [1 / 3, 2 / 3, 1]]))
    assert curves.values["shortest"] == pytest.approx(np.array([[2 / 3, 1 / 3, 0], [1 / 3, 1 / 3, 1 / 3]]))
    assert curves.values["mean"] == pytest.approx(np.array([[2 / 3] * 3, [1 / 3] * 3]))
    assert curves.values["majority"][0] == pytest.approx(majority(first, KS, 1))
    assert curves.values["weighted"][1] == pytest.approx(weighted_vote(second, KS, "score", 1))
    assert curves.at("best", 2) == pytest.approx([1 / 3, 2 / 3])


def test_repeats_of_a_problem_share_one_row():
    curves = selector_curves([pool([0, 0], problem="a"), pool([1, 1], problem="a"), pool([0, 1], problem="b")], (1,), None, 0)
    assert curves.problems == ("a", "b")
    assert curves.values["mean"].ravel() == pytest.approx([0.5, 0.5])


def test_without_a_verifier_only_the_selectors_that_need_none_are_there():
    assert tuple(selector_curves([pool([0, 1])], (1, 2), None, 0).values) == BLIND


def test_a_pool_that_was_measured_before_gives_the_same_numbers_for_another_question_too():
    some = pool([0, 1, 1, 2, 0], score=[0.3, 0.1, 0.5, 0.2, 0.4])
    before = selector_curves([some], (2, 3), "score", seed=1).values["weighted"]
    other = selector_curves([some], (3, 4), "score", seed=2).values["weighted"]
    again = selector_curves([some], (2, 3), "score", seed=1).values["weighted"]
    fresh = selector_curves([pool([0, 1, 1, 2, 0], score=[0.3, 0.1, 0.5, 0.2, 0.4])], (2, 3), "score", seed=1).values["weighted"]
    assert before.tolist() == again.tolist() == fresh.tolist()
    assert other.shape == (1, 2)
    assert other.tolist() != before.tolist()


def full(answers, **changed):
    n = len(answers)
    rng = np.random.default_rng(n)
    given = {"texts": range(n), "logprobs": -rng.random(n), "steps": rng.integers(1, 5, n), "score": rng.random(n), **changed}
    some = pool(answers, **given)
    return replace(some, words=some.tokens)


def test_every_selector_gives_shares_for_every_pool():
    pools = [full([0, 1, 1, 2, -1]), full([0, 0, 0, 3, 3, 1]), full([-1, -1, -1])]
    curves = selector_curves(pools, KS, "score", 1, tuple(SELECTORS))
    assert list(curves.values) == list(SELECTORS)
    for values in curves.values.values():
        assert ((values >= 0) & (values <= 1)).all()


def test_a_pool_without_a_right_sample_is_wrong_under_every_selector_and_an_all_right_one_right():
    pools = [full([1, 2, 2], problem="a"), full([0, 0, 0], problem="b")]
    curves = selector_curves(pools, KS, "score", 1, tuple(SELECTORS))
    for name, selector in SELECTORS.items():
        assert curves.values[name].tolist() == [[0, 0, 0], [1, 1, 1]]
        if selector.one:
            measured = [selector.one(each, KS, "score", 1) for each in pools]
            assert np.array(measured) == pytest.approx(curves.values[name], abs=1e-12)


def test_what_the_pools_offer_decides_which_selectors_apply():
    whole = [full([0, 1, 1])]
    assert offered(whole, "score") == {"scores", "weights", "logprobs", "lengths", "texts"}
    assert applicable(offered(whole, "score")) == tuple(SELECTORS)
    bare = applicable(offered([pool([0, 1])], "score"))
    assert bare == ("oracle", "majority", "shortest", "longest", "mean", "worst")
    negative = offered([full([0, 1, 1], score=[-1, 0, 1])], "score")
    assert "scores" in negative
    assert "weights" not in negative
    assert "scores" not in offered([full([0, 1], score=[np.nan, np.nan])], "score")
    assert "logprobs" not in offered([full([0, 1], logprobs=[np.nan, np.nan])], "score")
    assert "logprobs" in offered([full([0, 1], logprobs=[np.nan, np.nan]), full([0, 1])], "score")
