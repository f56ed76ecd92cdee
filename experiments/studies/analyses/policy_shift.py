"""What best-of-k gains for how far it moves from the model's own answers."""

import numpy as np

from ...statistics.intervals import bootstrap_bands, estimates
from ...statistics.policy_shift import best_of_n_divergence
from ..wording import describe_difference, problems
from .base import Analysis, Axes, Examined, Part, analyses, banded


@analyses.register("policy_shift", label="Gain against the shift of best-of-k")
class PolicyShift(Analysis):
    """Draws what best-of-k gains over a single sample against how far choosing moves the distribution of answers.

    The Kullback-Leibler divergence of best-of-k from one sample is at most log k − (k − 1) / k nats, and exactly that where no
    two samples share a score. Bag of Tricks for Inference-time Computation of LLM Reasoning (2025) compares the rules; the
    bound is the usual yardstick for reward-guided choice.

    It misleads where many samples share a score: then the true shift is smaller than the bound. A gain that turns down while
    the shift goes on growing means that the score, not the answer, is being improved.
    """

    needs = frozenset({"scores", "several_samples"})
    axes = Axes("Gain of best-of-k against its shift", "shift from one sample, at most (nats)", "gain", y_range=None)

    def look(self, examined: Examined, rng: np.random.Generator) -> Part:
        names = ("oracle", "best")
        curves = examined.curves(*names, "mean")
        shift = best_of_n_divergence(curves.ks)
        gains = {name: bootstrap_bands(curves.values[name] - curves.values["mean"], rng) for name in names}
        last = estimates(gains["best"])[-1]
        peak = int(np.argmax(gains["best"].mean))
        downturn = estimates(bootstrap_bands(curves.values["best"][:, -1:] - curves.values["best"][:, peak : peak + 1], rng))[0]
        sentence = (
            f"Best of {examined.n} by {examined.verifier_in_words} shifts answers by at most {shift[-1]:.2f} nats and gains "
            f"{describe_difference(last)} on {problems(len(curves.problems))}."
        )
        if peak < len(curves.ks) - 1:
            sentence += (
                f" The most was gained at k = {curves.ks[peak]}; from there to {examined.n}: {describe_difference(downturn)}."
            )
        numbers = {f"gain of {examined.name_of('best')}@{examined.n}": last}
        return Part(sentence, numbers, [banded(examined.name_of(name), shift, gains[name]) for name in names])
