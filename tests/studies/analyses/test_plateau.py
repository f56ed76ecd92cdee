import numpy as np
import pytest

from experiments.statistics.pools import Pool

from .pools import finding, full_pools


def test_it_says_where_gains_end_and_what_the_target_costs():
    found = finding("plateau", full_pools(80), target=0.5)
    assert "No clear gain up to k = 16: oracle (pass@k) from k = " in found.sentence
    samples = found.estimates["samples to 0.5, oracle (pass@k)"]
    tokens = found.estimates["tokens to 0.5, oracle (pass@k)"]
    assert 1 < samples.low < samples.value < samples.high < 16
    assert tokens.value == pytest.approx(samples.value * np.mean([p.tokens.mean() for p in full_pools(80)]), rel=1e-9)
    assert [series.name for series in found.figure.series] == ["oracle (pass@k)", "majority", "best by score"]
    assert all(series.y[-1] == 0 for series in found.figure.series)


def test_the_saving_by_a_verifier_is_paired():
    rng = np.random.default_rng(1)
    pools = []
    for i in range(100):
        right = rng.random(16) < 0.6
        scores = {"score": right + rng.normal(0, 0.3, 16)}
        pools.append(Pool(f"p{i}", np.where(right, 0, rng.integers(1, 6, 16)), right, np.full(16, 10), scores))
    found = finding("plateau", pools, target=0.75)
    saved = found.estimates["tokens to 0.75, best by score − majority"]
    assert saved.high < 0
    assert "Tokens by score minus tokens by majority: −" in found.sentence


def test_a_target_out_of_reach_is_said_so():
    hopeless = [Pool(f"p{i}", np.ones(8, int), np.zeros(8, bool), np.ones(8, int)) for i in range(10)]
    found = finding("plateau", hopeless)
    assert "majority does not reach 0.5 within 8 samples." in found.sentence
    assert found.estimates == {}
