"""Voting with the model's own probabilities instead of counts."""

import numpy as np

from ...statistics.intervals import bootstrap_bands, estimates
from ...statistics.selectors.perplexity_consistency import path_probabilities
from ...statistics.selectors.rpc import FEWEST, is_pruned
from ..wording import describe_difference, problems
from .base import Analysis, Axes, Examined, Part, analyses, banded

_COMPARED = ("majority", "likeliest", "pc", "rpc")


@analyses.register("rpc", label="Perplexity consistency and pruning (RPC)")
class Rpc(Analysis):
    """Votes with the probability of each distinct text, after dropping the texts of the low component of a mixture.

    Bridging Internal Probability and Self-Consistency for Effective and Efficient LLM Reasoning (2025). A text weighs
    p = exp(mean logprob); the same text drawn twice counts once. Two Weibull densities are fitted to the p of the k samples;
    a text goes if it more probably belongs to the lower one and p is below the mean. Below 16 samples nothing is pruned, since
    the mixture cannot be told from one component. Drawn beside it: the majority, perplexity consistency without pruning, and
    the single likeliest text (PPL).

    The probability is that of a token on average (the paper's code), not of the whole text (its theory). It misleads where
    end-of-text tokens or a chat template are part of the logprobs; probabilities of different models cannot be compared.
    """

    needs = frozenset({"logprobs", "several_samples"})
    axes = Axes("Accuracy against k: counts and probabilities", "samples per problem (k)", "share of problems answered", True)

    def look(self, examined: Examined, rng: np.random.Generator) -> Part:
        curves = examined.curves(*_COMPARED)
        bands = curves.bands(rng)
        last = {name: curves.at(name, examined.n) for name in _COMPARED}
        pairs = (("pc", "majority"), ("rpc", "majority"), ("rpc", "pc"))
        gains = np.column_stack([last[first] - last[second] for first, second in pairs])
        found = estimates(bootstrap_bands(gains, rng))
        numbers = {f"{examined.name_of(name)}@{examined.n}": estimates(bands[name])[-1] for name in _COMPARED}
        numbers |= {
            f"{examined.name_of(first)} − {examined.name_of(second)}@{examined.n}": gain
            for (first, second), gain in zip(pairs, found, strict=True)
        }
        sentence = (
            f"At k = {examined.n} on {problems(len(curves.problems))}, perplexity consistency minus majority: "
            f"{describe_difference(found[0])}; RPC minus majority: {describe_difference(found[1])}."
        )
        details = self._pruned(examined)
        if details:
            sentence += (
                f" RPC prunes {details['pruned']:.0%} of the texts; of those {details['right_of_pruned']:.0%} are right, "
                f"of the others {details['right_of_kept']:.0%}."
            )
        else:
            sentence += f" With fewer than {FEWEST} samples, or none to prune, RPC is perplexity consistency."
        return Part(sentence, numbers, [banded(examined.name_of(name), curves.ks, bands[name]) for name in _COMPARED], details)

    def _pruned(self, examined: Examined) -> dict[str, float]:
        """Shares over all samples; nothing where nothing was pruned or all was."""
        pruned, right = [], []
        for n in {pool.n for pool in examined.pools if pool.n >= FEWEST}:
            pools = [pool for pool in examined.pools if pool.n == n]
            pruned.append(is_pruned(np.stack([path_probabilities(pool) for pool in pools])).ravel())
            right.append(np.concatenate([pool.correct for pool in pools]))
        if not pruned:
            return {}
        dropped, correct = np.concatenate(pruned), np.concatenate(right)
        if dropped.all() or not dropped.any():
            return {}
        return {
            "pruned": float(dropped.mean()),
            "right_of_pruned": float(correct[dropped].mean()),
            "right_of_kept": float(correct[~dropped].mean()),
        }
