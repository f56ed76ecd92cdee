"""Pools for tests: by hand, by hypothesis, and brute force over every subset to hold closed forms against."""

from collections.abc import Callable
from itertools import combinations

import numpy as np
from hypothesis import strategies as st

from experiments.statistics.pools import Pool


def pool(answers, correct=(0,), tokens=None, problem="p", texts=None, logprobs=None, steps=None, **scores) -> Pool:
    """A pool from literals; `correct` lists the answers that are right, `logprobs` are means per token of two each."""
    answers = np.array(answers)
    return Pool(
        problem,
        answers,
        np.isin(answers, correct) & (answers >= 0),
        np.array(tokens) if tokens is not None else np.ones(len(answers), dtype=int),
        {name: np.array(values, dtype=float) for name, values in scores.items()},
        steps=None if steps is None else np.array(steps),
        mean_logprobs=None if logprobs is None else np.array(logprobs, dtype=float),
        logprob_sums=None if logprobs is None else 2 * np.array(logprobs, dtype=float),
        texts=None if texts is None else np.array(texts),
    )


@st.composite
def small_pools(draw) -> Pool:
    """Up to 7 samples with few distinct answers and scores, so that ties, missing answers and missing scores are common."""
    n = draw(st.integers(1, 7))
    answers = draw(st.lists(st.integers(-1, 3), min_size=n, max_size=n))
    correct = draw(st.sets(st.integers(0, 3), max_size=2))
    tokens = draw(st.lists(st.integers(0, 3), min_size=n, max_size=n))
    scores = draw(st.lists(st.sampled_from([-2.5, -1.0, 0.0, 0.5, np.nan]), min_size=n, max_size=n))
    texts = draw(st.lists(st.integers(0, 5), min_size=n, max_size=n))
    of_text = [(answers[texts.index(text)], scores[texts.index(text)]) for text in texts]  # equal texts are equal throughout
    answers, scores = [answer for answer, _ in of_text], [score for _, score in of_text]
    logprobs = [score if np.isnan(score) else min(score, 0.0) for score in scores]
    steps = draw(st.lists(st.integers(1, 3), min_size=n, max_size=n))
    return pool(answers, tuple(correct), tokens, texts=texts, logprobs=logprobs, steps=steps, score=scores)


def over_all_subsets(pool: Pool, accuracy: Callable[[tuple[int, ...]], float]) -> np.ndarray:
    """(n,) by k = 1..n: the mean of `accuracy` over every subset of sample positions."""
    positions = range(pool.n)
    return np.array([np.mean([accuracy(subset) for subset in combinations(positions, k)]) for k in range(1, pool.n + 1)])


def every_k(pool: Pool) -> tuple[int, ...]:
    return tuple(range(1, pool.n + 1))
