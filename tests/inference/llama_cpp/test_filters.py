"""Filters under a constraint keep exactly what they would keep of a row without the forbidden tokens, and ask about few."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from experiments.inference.llama_cpp.filters import Filters, NothingFits


def some_row(seed, n_vocab, spread):
    """Logits rounded to tenths, so that many are equal, some of them impossible; and which tokens are allowed."""
    rng = np.random.default_rng(seed)
    logits = np.round(rng.normal(0, spread, n_vocab), 1).astype(np.float32)
    logits[rng.random(n_vocab) < 0.1] = -np.inf
    return logits, rng.random(n_vocab) < rng.choice([0.02, 0.5, 0.98])


def candidates_of_masked(filters, logits, is_allowed):
    masked = np.where(is_allowed, logits, -np.inf).astype(np.float32)
    return filters.candidates(masked, masked.max(), float(np.exp(masked - masked.max()).sum(dtype=np.float64)))


@settings(max_examples=300, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    n_vocab=st.sampled_from([1, 50, 300, 3000]),
    spread=st.sampled_from([0.3, 2.0, 6.0]),
    top_k=st.sampled_from([0, 1, 7, 100, 5000]),
    top_p=st.sampled_from([0.05, 0.5, 0.93, 1.0]),
    min_p=st.sampled_from([0.0, 1e-4, 0.07, 1.0]),
)
def test_the_same_tokens_are_kept_as_of_a_masked_row(seed, n_vocab, spread, top_k, top_p, min_p):
    filters = Filters(top_p, top_k, min_p)
    logits, is_allowed = some_row(seed, n_vocab, spread)
    if not (is_allowed & np.isfinite(logits)).any():
        with pytest.raises(NothingFits):
            filters.allowed_candidates(logits, is_allowed.__getitem__)
        return
    tokens, weights = filters.allowed_candidates(logits, is_allowed.__getitem__)
    expected, expected_weights = candidates_of_masked(filters, logits, is_allowed)
    np.testing.assert_array_equal(tokens, expected[np.isfinite(logits[expected])])
    np.testing.assert_allclose(weights, expected_weights[: len(weights)], rtol=1e-6)


@pytest.mark.parametrize("filters", [Filters(top_k=40), Filters(top_p=0.9), Filters(min_p=0.05)])
def test_a_peaked_row_is_asked_about_in_its_first_tokens_only(filters):
    logits = np.linspace(0, -400, 49_152, dtype=np.float32)[np.random.default_rng(0).permutation(49_152)] * 4
    asked = []

    def every_other(tokens):
        asked.append(len(tokens))
        return tokens % 2 == 0

    filters.allowed_candidates(logits, every_other)
    assert asked in ([64], [64, 1024])


def test_an_allowed_token_of_next_to_no_probability_is_found():
    logits = np.zeros(2000, np.float32)
    logits[1234] = -900
    tokens, weights = Filters(top_p=0.5).allowed_candidates(logits, lambda tokens: tokens == 1234)
    assert (tokens.tolist(), weights.tolist()) == ([1234], [1.0])
