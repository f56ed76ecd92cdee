"""Perplexity consistency and RPC (handbook M8): check values, brute force, and the fit against a general optimiser."""

import numpy as np
import pytest
from hypothesis import given, settings
from scipy.optimize import minimize
from scipy.stats import weibull_min

from experiments.statistics.selectors.perplexity_consistency import (
    class_probabilities,
    path_probabilities,
    perplexity_consistency,
    whole_text_consistency,
)
from experiments.statistics.selectors.rpc import is_pruned, rpc
from experiments.statistics.weibull_mixture import WeibullMixture, fit_weibull_mixture

from .pools import every_k, over_all_subsets, pool, small_pools
from .test_selectors import split_vote

#: x, x, y, y, y: the majority says y, perplexity consistency x.
HANDBOOK = pool([0, 0, 1, 1, 1], logprobs=[-0.2, -0.9, -0.1, -2.0, -2.1])


def test_the_handbooks_answers_share_the_probability_as_it_says():
    answers, shares = class_probabilities(HANDBOOK, path_probabilities(HANDBOOK))
    assert answers.tolist() == [0, 1]
    assert shares == pytest.approx([0.5131, 0.4869], abs=5e-5)
    assert perplexity_consistency(HANDBOOK, (5,), 0).tolist() == [1.0]


def test_a_text_drawn_twice_counts_once():
    twice = pool([0, 1, 1, 1], texts=[0, 1, 1, 1], logprobs=[-0.5, -0.6, -0.6, -0.6])
    assert perplexity_consistency(twice, (4,), 0).tolist() == [1.0]
    assert class_probabilities(twice, path_probabilities(twice))[1] == pytest.approx(
        np.exp([-0.5, -0.6]) / np.exp([-0.5, -0.6]).sum()
    )


def distinct_weights(some, subset, weights):
    """Weights by position that count the first of equal texts only; all ones where the subset's answers weigh nothing."""
    kept = np.zeros(some.n)
    for j in subset:
        if not any(some.texts[i] == some.texts[j] and kept[i] for i in subset):
            kept[j] = weights[j]
    return kept if any(kept[j] for j in subset if some.answers[j] >= 0) else np.ones(some.n)


@given(small_pools())
@settings(deadline=None)
def test_perplexity_consistency_is_exact_where_rotated_orders_cover_every_subset(some):
    covered = sorted({0, some.n - 2, some.n - 1} - {-1})
    for estimate, weights in (
        (perplexity_consistency, np.nan_to_num(np.exp(some.mean_logprobs))),
        (whole_text_consistency, np.nan_to_num(np.exp(some.logprob_sums))),
    ):
        counted = over_all_subsets(some, lambda s, w=weights: split_vote(some, s, distinct_weights(some, s, w)))
        assert estimate(some, every_k(some), seed=3)[covered] == pytest.approx(counted[covered], abs=1e-9)


def two_components(rng, n):
    """Path probabilities of bad and good paths, well apart."""
    low = rng.random(n) < 0.4
    p = np.where(
        low, weibull_min.rvs(3, scale=0.25, size=n, random_state=rng), weibull_min.rvs(12, scale=0.8, size=n, random_state=rng)
    )
    return np.clip(p, 1e-3, 1.0), low


def test_the_log_likelihood_is_scipys():
    p = np.array([[0.1, 0.4, 0.9]])
    mixture = WeibullMixture(np.array([0.3]), np.array([[2.0], [5.0]]), np.array([[0.3], [0.8]]))
    density = 0.3 * weibull_min.pdf(p, 2, scale=0.3) + 0.7 * weibull_min.pdf(p, 5, scale=0.8)
    assert mixture.density(p) == pytest.approx(density)
    assert mixture.log_likelihood(p) == pytest.approx(np.log(density).sum())
    assert mixture.means.ravel() == pytest.approx([weibull_min.mean(2, scale=0.3), weibull_min.mean(5, scale=0.8)])
    assert mixture.high.tolist() == [1]


def test_the_fit_is_as_likely_as_a_general_optimisers_from_the_published_start():
    rng = np.random.default_rng(4)
    sets = np.stack([two_components(rng, 64)[0] for _ in range(5)])
    fitted = fit_weibull_mixture(sets).log_likelihood(sets)

    def unlikelihood(values, p):
        w, k1, s1, k2, s2 = values
        density = w * weibull_min.pdf(p, k1, scale=s1) + (1 - w) * weibull_min.pdf(p, k2, scale=s2)
        return -np.log(np.maximum(density, 1e-300)).sum()

    bounds = [(0.2, 0.8), *[(0.01, None)] * 4]
    best = [-minimize(unlikelihood, [0.5, 1, 1, 1.5, 2], args=(p,), method="L-BFGS-B", bounds=bounds).fun for p in sets]
    assert (fitted > np.array(best) - 0.05).all()


def test_pruning_drops_the_low_component_and_nothing_above_the_mean():
    rng = np.random.default_rng(5)
    p, low = two_components(rng, 64)
    (pruned,) = is_pruned(p[None])
    assert not pruned[p >= p.mean()].any()
    assert pruned[low].mean() > 0.8
    assert pruned[~low].mean() < 0.1


def scored_pool(rng, n, problem="p"):
    """Right answers mostly on the likelier component."""
    p, low = two_components(rng, n)
    answers = np.where(low, rng.integers(1, 4, n), 0)
    return pool(answers, problem=problem, logprobs=np.log(p), texts=np.arange(n))


def test_below_sixteen_samples_nothing_is_pruned():
    pools = [scored_pool(np.random.default_rng(i), 12) for i in range(3)]
    assert rpc(pools, (3, 12), 1).tolist() == [perplexity_consistency(each, (3, 12), 1).tolist() for each in pools]


def test_pruning_rescues_an_answer_that_many_improbable_paths_outvote():
    rng = np.random.default_rng(7)
    good, bad = rng.uniform(0.75, 0.9, 7), rng.uniform(0.2, 0.35, 25)
    some = pool([0] * 7 + [1] * 25, logprobs=np.log(np.concatenate([good, bad])), texts=np.arange(32))
    assert perplexity_consistency(some, (32,), 0).tolist() == [0.0]
    assert rpc([some], (32,), 0).tolist() == [[1.0]]


def test_rpc_of_many_pools_is_rpc_of_each():
    pools = [scored_pool(np.random.default_rng(i), 16 + 8 * (i % 2)) for i in range(6)]
    together = rpc(pools, (2, 16), 3)
    assert together.tolist() == [rpc([each], (2, 16), 3)[0].tolist() for each in pools]
    assert ((together >= 0) & (together <= 1)).all()


def test_rpc_on_subsets_agrees_with_rpc_on_pools_cut_to_them():
    pools = [scored_pool(np.random.default_rng(i), 64) for i in range(150)]
    cut = [scored_pool(np.random.default_rng(1000 + i), 16) for i in range(150)]
    on_subsets, whole = rpc(pools, (16,), 0).mean(), rpc(cut, (16,), 0).mean()
    assert on_subsets == pytest.approx(whole, abs=0.08)
