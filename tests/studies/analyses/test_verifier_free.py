from dataclasses import replace

import numpy as np

from .pools import finding, full_pools


def test_a_good_verifier_gains_more_per_doubling():
    found = finding("verifier_free", full_pools(150, helpful=4.0))
    assert found.estimates["slope per doubling, best − majority"].low > 0
    assert "An analogy, not a test of the theorem." in found.sentence


def test_the_gap_is_shown_by_thirds_of_heterogeneity():
    """In every other problem right answers vary in length and the verifier helps; in the others neither."""
    rng = np.random.default_rng(1)
    pools = []
    for i, pool in enumerate(full_pools(240, n=12, seed=5)):
        varied = i % 2 == 0
        tokens = np.where(pool.correct & varied, rng.integers(10, 200, pool.n), 50)
        score = pool.correct + rng.normal(0, 0.1, pool.n) if varied else rng.normal(size=pool.n)
        pools.append(replace(pool, tokens=tokens, scores={"score": score}))
    found = finding("verifier_free", pools)
    line = found.figure.series[0]
    assert line.x == [1, 2, 3]
    assert line.y[0] < line.y[2]
    assert found.estimates["gap, most varied third − most alike third"].low > 0


def test_few_problems_are_not_cut_into_thirds():
    assert "Too few problems have two right samples" in finding("verifier_free", full_pools(5)).sentence
