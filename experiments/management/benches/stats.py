"""How long the arithmetic of a large run takes."""

import resource
import time
from collections.abc import Iterator

import numpy as np

from experiments.statistics.curves import selector_curves
from experiments.statistics.intervals import bootstrap_bands
from experiments.statistics.pools import Pool
from experiments.statistics.selectors.family import SELECTORS
from experiments.statistics.selectors.majority import win_probability

from . import Row, bench

#: problems, samples of each, values of k, seconds and gigabytes allowed.
SIZES = (
    (1_000, 64, (1, 2, 3, 4, 6, 8, 10, 12, 16, 20, 24, 32, 40, 48, 56, 64), 5, 1),
    (10_000, 256, (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256), 90, 4),
)


@bench("stats")
def stats() -> Iterator[Row]:
    """Every selector at 16 values of k with 1,000 bootstrap resamples: 1,000 problems x 64 samples, and 10,000 x 256."""
    for n_problems, n_samples, ks, seconds, gigabytes in SIZES:
        size = f"{n_problems:,} x {n_samples}"
        pools = _pools(np.random.default_rng(1), n_problems, n_samples)
        started, computed = time.perf_counter(), time.process_time()
        curves = selector_curves(pools, ks, "score", 1, tuple(SELECTORS))
        measured = time.perf_counter()
        bootstrap_bands(np.hstack(list(curves.values.values())), np.random.default_rng(2), resamples=1_000)
        finished, computed = time.perf_counter(), time.process_time() - computed
        selector_curves(pools, ks, "score", 1, tuple(SELECTORS))
        again = time.perf_counter()
        yield Row(f"{size}: curves of new pools", measured - started, "s")
        yield Row(f"{size}: curves of pools measured before", again - finished, "s")
        yield Row(f"{size}: bands", finished - measured, "s")
        yield Row(f"{size}: curves and bands, processor time", computed, "s")
        yield Row.at_most(f"{size}: curves and bands", finished - started, "s", seconds)
        yield Row.at_most(f"{size}: peak memory of the process", _peak_gigabytes(), "GB", gigabytes)
        yield from _shares(size, pools[:1_000], ks)


def _shares(size: str, pools: list[Pool], ks: tuple[int, ...]) -> Iterator[Row]:
    """What each selector takes by itself, as a share of the sum; together they count the votes once and take less."""
    took = {}
    for name in SELECTORS:
        win_probability.cache_clear()  # the majority's counts are kept for pools that look alike
        started = time.perf_counter()
        selector_curves(pools, ks, "score", 2, (name,))
        took[name] = time.perf_counter() - started
    for name, seconds in took.items():
        yield Row(f"{size}: share of {SELECTORS[name].name_with('score')}", 100 * seconds / sum(took.values()), "%")


def _peak_gigabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6


def _pools(rng: np.random.Generator, n_problems: int, n_samples: int) -> list[Pool]:
    """Success rates from Beta(0.3, 1), wrong answers over 40 classes with a long tail, one sample in ten without an answer.

    One text in ten was drawn before.
    """
    pools = []
    for i in range(n_problems):
        right = rng.random(n_samples) < rng.beta(0.3, 1)
        answers = np.where(right, 0, np.minimum(rng.geometric(0.1, n_samples), 40))
        answers[rng.random(n_samples) < 0.1] = -1
        source = np.where(rng.random(n_samples) < 0.1, rng.integers(n_samples, size=n_samples), np.arange(n_samples))
        tokens = rng.integers(5, 60, n_samples)[source]
        logprobs = -rng.gamma(np.where(right, 2, 3), 0.2)[source]
        pools.append(
            Pool(
                problem=f"p{i}",
                answers=answers[source],
                correct=(answers == 0)[source],
                tokens=tokens,
                scores={"score": rng.beta(2 + right, 2)[source]},
                words=tokens,
                steps=rng.integers(1, 9, n_samples)[source],
                mean_logprobs=logprobs,
                logprob_sums=logprobs * tokens,
                texts=source,
            )
        )
    return pools
