"""How long the arithmetic of a large run takes."""

import resource
import time
from collections.abc import Iterator

import numpy as np

from experiments.statistics.curves import selector_curves
from experiments.statistics.intervals import bootstrap_bands
from experiments.statistics.pools import Pool

from . import Row, bench

N_PROBLEMS, N_SAMPLES = 1_000, 64
KS = (1, 2, 3, 4, 6, 8, 10, 12, 16, 20, 24, 32, 40, 48, 56, 64)


@bench("stats")
def stats() -> Iterator[Row]:
    """Every selector at 16 values of k with 1,000 bootstrap resamples, on 1,000 problems x 64 samples."""
    pools = _pools(np.random.default_rng(1))
    started = time.perf_counter()
    curves = selector_curves(pools, KS, "score", seed=1)
    measured = time.perf_counter()
    bootstrap_bands(np.hstack(list(curves.values.values())), np.random.default_rng(2), resamples=1_000)
    finished = time.perf_counter()
    selector_curves(pools, KS, "score", seed=1)
    again = time.perf_counter()
    yield Row("curves of new pools", measured - started, "s")
    yield Row("curves of pools measured before", again - finished, "s")
    yield Row("bands", finished - measured, "s")
    yield Row.at_most("curves and bands", finished - started, "s", 5)
    yield Row.at_most("peak memory of the process", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6, "GB", 1)


def _pools(rng: np.random.Generator) -> list[Pool]:
    """Success rates from Beta(0.3, 1), wrong answers over 40 classes with a long tail, one sample in ten without an answer."""
    pools = []
    for i in range(N_PROBLEMS):
        right = rng.random(N_SAMPLES) < rng.beta(0.3, 1)
        answers = np.where(right, 0, np.minimum(rng.geometric(0.1, N_SAMPLES), 40))
        answers[rng.random(N_SAMPLES) < 0.1] = -1
        scores = {"score": rng.normal(right, 1)}
        pools.append(Pool(f"p{i}", answers, answers == 0, rng.integers(5, 60, N_SAMPLES), scores))
    return pools
