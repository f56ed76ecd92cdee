"""Sampling from raw logits, checked against the distribution written out plainly."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from experiments.inference.llama_cpp.sampler import Chooser, Sampler


def some_logits(n_vocab=3000, seed=0, spread=3.0):
    return np.random.default_rng(seed).normal(0, spread, n_vocab).astype(np.float32)


def plain_distribution(logits, temperature=1.0, top_k=0, top_p=1.0, min_p=0.0):
    """Top-k, top-p and min-p one after the other on sorted probabilities, then the temperature."""
    order = np.argsort(-logits, kind="stable")
    weights = np.exp(logits[order].astype(np.float64) - logits.max())
    if top_k:
        weights[top_k:] = 0
    weights[(np.cumsum(weights) - weights) / weights.sum() >= top_p] = 0
    weights[weights < min_p * weights[0]] = 0
    weights **= 1 / temperature
    probabilities = np.empty(len(logits))
    probabilities[order] = weights / weights.sum()
    return probabilities


@pytest.mark.parametrize(
    "options",
    [
        {"temperature": 1.0},
        {"temperature": 0.5},
        {"temperature": 1.7},
        {"temperature": 1.0, "top_k": 5},
        {"temperature": 0.7, "top_p": 0.6},
        {"temperature": 1.3, "min_p": 0.05},
        {"temperature": 0.9, "top_k": 50, "top_p": 0.8, "min_p": 0.02},
    ],
)
def test_tokens_are_drawn_in_their_proportions(options):
    logits, n = some_logits(300), 20_000
    chooser, sampler = Chooser(300), Sampler(1, **options)
    counts = np.bincount([chooser.choose(logits, sampler)[0] for _ in range(n)], minlength=300)
    expected = plain_distribution(logits, **options) * n
    assert not counts[expected == 0].any()
    often = expected >= 5
    rest = expected[~often].sum()
    observed = np.append(counts[often], counts[~often].sum())[: None if rest > 0 else -1]
    predicted = np.append(expected[often], rest)[: None if rest > 0 else -1]
    assert stats.chisquare(observed, predicted * observed.sum() / predicted.sum()).pvalue > 1e-3


@settings(max_examples=150, deadline=None)
@given(
    n_vocab=st.integers(1, 2000),
    seed=st.integers(0, 1000),
    spread=st.floats(0.01, 60),
    temperature=st.floats(0.05, 5),
    top_k=st.sampled_from([0, 1, 2, 40, 5000]),
    top_p=st.sampled_from([0.1, 0.9, 1.0]),
    min_p=st.sampled_from([0.0, 1e-9, 0.1, 1.0]),
)
def test_no_token_is_drawn_that_the_filters_leave_out(n_vocab, seed, spread, temperature, top_k, top_p, min_p):
    logits = some_logits(n_vocab, seed, spread)
    options = {"top_k": min(top_k, n_vocab), "top_p": top_p, "min_p": min_p}
    allowed = plain_distribution(logits, **options)
    chooser, sampler = Chooser(n_vocab), Sampler(seed, temperature, top_p, top_k, min_p)
    for _ in range(5):
        token, logprob = chooser.choose(logits, sampler)
        assert allowed[token] > 0
        assert logprob == pytest.approx(float(logits[token]) - np.logaddexp.reduce(logits.astype(np.float64)), abs=1e-4)


def test_temperature_zero_takes_the_likeliest():
    logits = some_logits()
    assert Chooser(3000).choose(logits, Sampler(1, 0.0))[0] == logits.argmax()


def test_the_seed_decides_all_draws():
    logits, chooser = some_logits(), Chooser(3000)
    draws = [
        [chooser.choose(logits, sampler)[0] for _ in range(200)]
        for sampler in (Sampler(7, 1.0), Sampler(7, 1.0), Sampler(8, 1.0))
    ]
    assert draws[0] == draws[1] != draws[2]


def test_tokens_with_no_probability_are_never_drawn():
    logits = np.full(1000, -np.inf, np.float32)
    logits[[3, 999]] = 0
    chooser, sampler = Chooser(1000), Sampler(1, 1.0)
    assert {chooser.choose(logits, sampler)[0] for _ in range(100)} == {3, 999}
