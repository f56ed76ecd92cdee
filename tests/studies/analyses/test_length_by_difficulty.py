from experiments.studies.analyses.base import Examined, analyses, difficulties

from .pools import examined, finding, full_pools


def test_difficulty_is_what_the_other_conditions_got_wrong():
    first, second, third = full_pools(3, seed=1), full_pools(3, seed=2), full_pools(2, seed=3)
    found = difficulties([first, second, third])
    assert found[0]["p000"] == ((1 - second[0].correct.mean()) + (1 - third[0].correct.mean())) / 2
    assert found[0]["p002"] == 1 - second[2].correct.mean()
    assert difficulties([first]) == [{}]


def test_the_effect_is_told_raw_and_at_equal_difficulty():
    pools = full_pools(60, length_effect=-8)
    hardness = {pool.problem: 1 - pool.correct.mean() for pool in full_pools(60, seed=1)}
    one = examined(pools)
    told = Examined(one.key, "", pools, one.ks, one.verifier, one.seed, hardness)
    found = analyses.build("length_by_difficulty").finding([told])
    raw, held = found.estimates.values()
    assert raw.high < 0
    assert held.high < 0
    assert "confounded by difficulty" in found.sentence
    assert found.figure.series[0].x == [1, 2, 3, 4]


def test_a_single_condition_cannot_tell_difficulty():
    assert "needs another condition" in finding("length_by_difficulty", full_pools(10)).sentence
