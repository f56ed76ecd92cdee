"""Pools with everything an analysis can need, and the one condition made of them."""

import numpy as np

from experiments.statistics.pools import Pool
from experiments.studies.analyses.base import Examined, analyses


def full_pools(n_problems=40, n=16, seed=1, helpful=1.5, length_effect=0.0, accepts_wrong=0.1) -> list[Pool]:
    """p_i ~ Beta(0.5, 1). Right samples score `helpful` higher and are `length_effect` tokens longer; the weak grader accepts
    every right sample and wrong ones with chance `accepts_wrong`."""
    rng = np.random.default_rng(seed)
    pools = []
    for i in range(n_problems):
        right = rng.random(n) < rng.beta(0.5, 1)
        tokens = np.maximum(rng.normal(50, 10, n) + length_effect * right, 1).round().astype(int)
        logprobs = -rng.gamma(np.where(right, 2, 4), 0.15)
        pools.append(
            Pool(
                problem=f"p{i:03}",
                answers=np.where(right, 0, rng.integers(1, 6, n)),
                correct=right,
                tokens=tokens,
                scores={"score": 1 / (1 + np.exp(-rng.normal(right * helpful, 1)))},
                words=tokens,
                steps=tokens // 10,
                truncated=np.zeros(n, bool),
                mean_logprobs=logprobs,
                logprob_sums=logprobs * tokens,
                texts=np.arange(n),
                accepted={"base tests": right | (rng.random(n) < accepts_wrong)},
            )
        )
    return pools


def examined(pools, prefix="", seed=3) -> Examined:
    n = min(pool.n for pool in pools)
    return Examined("condition", prefix, pools, tuple(sorted({1, n, *(k for k in (2, 4, 8, 16, 32) if k <= n)})), "score", seed)


def finding(name, pools, **options):
    return analyses.build(name, options).finding([examined(pools)])
