"""What a study of perturbed questions says: what each noise costs, how that grows, what mixes add, who stands it best."""

from collections.abc import Mapping, Sequence

import numpy as np

from ..statistics.intervals import bootstrap_mean
from ..statistics.two_way import two_way_mean
from .base import Figure, Finding
from .compared import Compared, accuracy
from .drops import CONTROL, drop, line
from .wording import describe, describe_difference, problems


def nothing_yet() -> Finding:
    return Finding("headline", "Noise", "No problem is finished both clean and with noise, so there is nothing to compare.")


def headline(groups: Sequence[Compared], noisy: Sequence[str], rng: np.random.Generator) -> Finding:
    """The mean over all perturbations with an interval over these too, the costliest one, and what chance alone does."""
    sentences, numbers = [], {}
    for group in groups:
        there = [key for key in group.begun() if key in noisy]
        shared = group.shared(CONTROL, *there)
        found = [each for key in there if (each := drop(group, key, rng))]
        if shared:
            clean = group.by_problem(CONTROL, shared, accuracy)
            changes = np.array([group.by_problem(key, shared, accuracy) - clean for key in there])
            mean = two_way_mean(changes, rng)
            numbers[f"{group.prefix}mean change of accuracy"] = mean
            sentences.append(
                f"{group.prefix}Over {len(there)} kinds of noise accuracy changes by {describe_difference(mean)} on "
                f"{problems(len(shared))}."
            )
        worst = min(found, key=lambda each: each.change.value)
        numbers[f"{worst.name}: difference"] = worst.change
        numbers[f"{worst.name}: relative drop"] = worst.relative
        sentences.append(f"Costliest of {len(found)}: {worst.sentence()}")
        if repeat := drop(group, "repeat", rng) if "repeat" in group.conditions else None:
            numbers[f"{group.prefix}the same prompt a second time: difference"] = repeat.change
            sentences.append(f"{group.prefix}The same prompt a second time: {describe_difference(repeat.change)}.")
    return Finding("headline", "Noise", " ".join(sentences), numbers)


def rates_finding(groups: Sequence[Compared], lines: Mapping[str, Mapping[int, str]], rng: np.random.Generator) -> Finding:
    """Lines of accuracy over the rate from the clean prompt at 0, on the problems that a line's points share."""
    series = []
    for group in groups:
        for name, keys in lines.items():
            there = {rate: key for rate, key in keys.items() if key in group.begun()}
            if there and group.shared(CONTROL, *there.values()):
                points = {0: CONTROL, **dict(sorted(there.items()))}
                series.append(line(group, f"{group.prefix}{name}", points, accuracy, rng))
    figure = Figure("Accuracy by rate of noise", "share of words changed, percent", "share of answers right", series)
    return Finding("rates", "Accuracy by rate", "How accuracy goes with the share of words that are changed.", figure=figure)


def interaction_finding(groups: Sequence[Compared], parts: Mapping[str, Sequence[str]], rng: np.random.Generator) -> Finding:
    """What a mix costs beyond the sum of what its parts cost alone, in shares of answers."""
    sentences, numbers = [], {}
    for group in groups:
        for mix, keys in parts.items():
            if not (shared := group.shared(CONTROL, mix, *keys)):
                continue
            clean, mixed = (group.by_problem(key, shared, accuracy) for key in (CONTROL, mix))
            alone = sum(clean - group.by_problem(key, shared, accuracy) for key in keys)
            beyond = bootstrap_mean(clean - mixed - alone, rng)
            name = f"{group.prefix}{group.labels[mix]}"
            numbers[f"{name}: interaction"] = beyond
            sentences.append(
                f"{name}, cost beyond the sum of its parts on {problems(len(shared))}: {describe_difference(beyond)}."
            )
    if not sentences:
        sentences = ["No problem is finished under a mix and all of its parts yet."]
    return Finding("interaction", "What mixing adds", " ".join(sentences), numbers)


def models_finding(groups: Sequence[Compared], noisy: Sequence[str], rng: np.random.Generator) -> Finding:
    """Mean, worst and best over perturbations, and whether the order by the mean is that by the worst case."""
    rows, standing = [], []
    for group in groups:
        there = [key for key in group.begun() if key in noisy]
        shared = group.shared(CONTROL, *there)
        if not shared:
            continue
        scores = np.array([group.by_problem(key, shared, accuracy) for key in there])
        mean, by_key = two_way_mean(scores, rng), scores.mean(axis=1)
        name = group.prefix.removesuffix(": ")
        standing.append((name, mean.value, by_key.min()))
        worst, best = (f"{by_key[k]:.2f} ({group.labels[there[k]]})" for k in (by_key.argmin(), by_key.argmax()))
        rows.append([name, str(len(shared)), describe(mean), worst, best])
    orders = [[name for name, *_ in sorted(standing, key=lambda each: -each[which])] for which in (1, 2)]
    told = "is the same as" if orders[0] == orders[1] else "differs from"
    sentence = f"The order of the models by their worst case under noise {told} that by their mean."
    columns = ["language model and variant", "problems", "mean accuracy under noise", "worst", "best"]
    return Finding("models", "Models under noise", sentence, details={"table": {"columns": columns, "rows": rows}})
