import pytest

from .pools import finding, full_pools


def test_a_perfect_verifier_is_the_oracle_and_a_blind_one_a_single_sample():
    pools = full_pools(60)
    found = finding("simulated_verifier", pools, false_negatives=(0.0,))
    line = found.figure.series[0]
    assert line.x[0] == 0
    assert line.y[0] == pytest.approx(sum(pool.correct.any() for pool in pools) / 60)
    assert line.y[-1] == pytest.approx(sum(pool.correct.mean() for pool in pools) / 60)


def test_it_says_how_many_wrong_answers_may_be_accepted():
    found = finding("simulated_verifier", full_pools(60))
    kind, strict = (found.estimates[f"wrong accepted at most, {missed} of right ones rejected"] for missed in ("0%", "50%"))
    assert 0 < strict.value < kind.value < 1
    assert f"may accept {kind.value:.2f} [{kind.low:.2f}, {kind.high:.2f}] of the wrong ones" in found.sentence
