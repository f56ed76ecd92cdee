from itertools import combinations

import numpy as np
import pytest

from experiments.statistics.pass_at_k import pass_at_k


@pytest.mark.parametrize(
    ("n", "correct", "k", "expected"),
    [
        (10, 3, 1, 0.3),
        (10, 3, 2, 0.533333),
        (10, 3, 5, 0.916667),
        (10, 3, 8, 1.0),
        (200, 2, 50, 0.438442),
        (20, 4, 10, 0.956656),
        (200, 37, 10, 0.877375),
        (5, 0, 3, 0.0),
    ],
)
def test_it_gives_the_handbooks_values(n, correct, k, expected):
    assert pass_at_k(n, correct, (k,)) == pytest.approx([expected], abs=5e-7)


def test_it_equals_counting_every_subset():
    for n in range(1, 8):
        for c in range(n + 1):
            counted = [np.mean([min(subset) < c for subset in combinations(range(n), k)]) for k in range(1, n + 1)]
            assert pass_at_k(n, c, tuple(range(1, n + 1))) == pytest.approx(counted, abs=1e-12)


def test_all_problems_and_all_k_come_at_once():
    assert pass_at_k(10, [[0, 3], [10, 1]], (1, 5)) == pytest.approx(np.array([[[0, 0], [0.3, 11 / 12]], [[1, 1], [0.1, 0.5]]]))


def test_ten_thousand_samples_neither_overflow_nor_lose_precision():
    assert pass_at_k(10_000, 1, (1, 5_000, 10_000)) == pytest.approx([1e-4, 0.5, 1.0], rel=1e-10)


@pytest.mark.parametrize("k", [0, 11])
def test_a_k_that_cannot_be_drawn_is_refused(k):
    with pytest.raises(ValueError, match="between 1 and the pool's 10 samples"):
        pass_at_k(10, 3, (1, k))
