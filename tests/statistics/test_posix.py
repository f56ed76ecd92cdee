"""The prompt sensitivity index and what goes with it, against numbers worked by hand."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.statistics.posix import answer_entropy, confidence_variance, flip_index, gaps, n_different, psi
from experiments.statistics.text_overlap import mean_overlap, overlap

# Worked in the handbook: |-4+2|/4 + |-3+2|/4 + |-5+3|/5 + |-6+3|/5 + |-6+4.5|/6 + |-7.5+4.5|/6 = 2.5, over 6 pairs.
LOGPROBS = np.array([[-2, -5, -6], [-4, -3, -7.5], [-3, -6, -4.5]])
LENGTHS = np.array([4, 5, 6])


def test_the_index_of_a_known_table():
    assert psi(LOGPROBS, LENGTHS) == pytest.approx(0.416667, abs=1e-6)
    assert np.diag(gaps(LOGPROBS, LENGTHS)).tolist() == [0, 0, 0]
    assert gaps(LOGPROBS, LENGTHS)[1].tolist() == pytest.approx([0.5, 0, 0.5])


@given(st.integers(2, 6), st.integers(0, 1000))
def test_the_index_equals_its_double_sum(n, seed):
    rng = np.random.default_rng(seed)
    logprobs, lengths = rng.uniform(-20, 0, (n, n)), rng.integers(1, 9, n)
    total = sum(abs(logprobs[i, j] - logprobs[j, j]) / lengths[j] for i in range(n) for j in range(n))
    assert psi(logprobs, lengths) == pytest.approx(total / (n * (n - 1)))


def test_prompts_that_make_every_answer_as_likely_have_index_zero():
    assert psi(np.tile([-1.5, -2.25, -0.1], (3, 1)), LENGTHS) == 0


def test_an_answer_without_tokens_is_left_out_with_its_pairs():
    assert psi(LOGPROBS, np.array([4, 5, 0])) == pytest.approx((0.5 + 0.25 + 0.4 + 0.6) / 4)
    assert psi(LOGPROBS, np.zeros(3, int)) is None
    assert psi(np.array([[-1.0]]), np.array([2])) is None


def test_answers_that_agree_and_answers_that_differ():
    half = np.array([0, 0, 1, 1])
    assert (flip_index(half), n_different(half), answer_entropy(half)) == (0.5, 2, pytest.approx(math.log(2)))
    same = np.array([3, 3, 3])
    assert (flip_index(same), n_different(same), answer_entropy(same)) == (0, 1, 0)
    # 1 - (1/2)^2 - (1/4)^2 - (1/4)^2, no answer being one of them.
    assert flip_index(np.array([-1, 0, 1, 1])) == pytest.approx(0.625)


def test_the_variance_of_confidence_is_that_of_probabilities():
    assert confidence_variance(np.log([0.2, 0.6])) == pytest.approx(0.04)
    assert confidence_variance(np.array([-0.5, np.nan])) is None


def test_texts_overlap_by_the_words_they_share():
    assert overlap("The sea is blue", "the SEA is wide") == 0.75
    assert overlap("a a b", "a b b") == pytest.approx(2 / 3)
    assert (overlap("", ""), overlap("", "x")) == (1, 0)
    assert mean_overlap(["a", "a", "b"]) == pytest.approx(1 / 3)
    assert mean_overlap(["a"]) is None
