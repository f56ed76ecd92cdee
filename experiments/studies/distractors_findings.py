"""What a study of distractors says: what they cost, how that grows with their number, whether they are taken up, what helps."""

from collections.abc import Mapping, Sequence

import numpy as np

from ..statistics.estimates import Estimate
from ..statistics.intervals import bootstrap_mean
from ..statistics.pools import Pool
from ..statistics.ratios import ratio
from ..statistics.savings import share_kept
from .base import AttemptOutcome, Figure, Finding
from .compared import Compared, accuracy, tokens
from .drops import CONTROL, drop, line
from .wording import describe, describe_difference, problems

#: Name of the kind -> number of texts -> key of the condition.
Lines = Mapping[str, Mapping[int, str]]


def headline(groups: Sequence[Compared], lines: Lines, rng: np.random.Generator) -> Finding:
    """For each kind its largest number that has begun; what chance alone does beside it."""
    sentences, numbers = [], {}
    for group in groups:
        for keys in lines.values():
            there = [key for key in keys.values() if key in group.begun()]
            if there and (found := drop(group, there[-1], rng)):
                sentences.append(found.sentence())
                numbers |= {f"{found.name}: difference": found.change, f"{found.name}: relative drop": found.relative}
        if "repeat" in group.conditions and (repeat := drop(group, "repeat", rng)):
            numbers[f"{group.prefix}the same prompt a second time: difference"] = repeat.change
            sentences.append(f"{group.prefix}The same prompt a second time: {describe_difference(repeat.change)}.")
    return Finding("headline", "Distractors", " ".join(sentences), numbers)


def counts_finding(groups: Sequence[Compared], lines: Lines, rng: np.random.Generator) -> Finding:
    """Accuracy over the number of distractors, with its slope: of a straight line through each problem's own points."""
    series, sentences, numbers = [], [], {}
    for group in groups:
        for name, keys in lines.items():
            places = _places(group, keys)
            shared = group.shared(*places.values())
            if len(places) < 2 or not shared:
                continue
            series.append(line(group, f"{group.prefix}{name}", places, accuracy, rng))
            x = np.array(list(places), dtype=float)
            y = np.array([group.by_problem(key, shared, accuracy) for key in places.values()])
            slope = bootstrap_mean((x - x.mean()) @ y / ((x - x.mean()) ** 2).sum(), rng)
            numbers[f"{group.prefix}{name}: change of accuracy per text"] = slope
            sentences.append(f"{group.prefix}{name}, change per text on {problems(len(shared))}: {describe_difference(slope)}.")
    figure = Figure("Accuracy by number of distractors", "texts beside the question", "share of answers right", series)
    return Finding("counts", "Accuracy by number of distractors", " ".join(sentences) or "Nothing yet.", numbers, figure)


def growth_finding(groups: Sequence[Compared], lines: Lines, rng: np.random.Generator) -> Finding:
    """Tokens written per answer over the number of distractors, and how undecided the model was where that was measured."""
    series, sentences, numbers = [], [], {}
    for group in groups:
        for name, keys in lines.items():
            places = _places(group, keys)
            if len(places) < 2 or not (shared := group.shared(*places.values())):
                continue
            series.append(line(group, f"{group.prefix}{name}", places, tokens, rng))
            most = list(places.values())[-1]
            growth = share_kept(*(group.by_problem(key, shared, tokens) for key in (CONTROL, most)), rng)
            told = f"{group.prefix}{group.labels[most]}"
            numbers[f"{told}: tokens written, ratio"] = growth
            sentences.append(f"{told}: {describe(growth)} times the tokens.")
            for measure, what in ((_entropy, "entropy in nats per token"), (_logprob, "mean log-probability per token")):
                change = _change(group, most, measure, rng)
                if change:
                    numbers[f"{told}: change of {what}"] = change
                    sentences.append(f"{told}: {what} changes by {describe_difference(change)}.")
    figure = Figure(
        "Tokens written by number of distractors", "texts beside the question", "tokens per answer", series, y_range=None
    )
    return Finding("growth", "Tokens by number of distractors", " ".join(sentences) or "Nothing yet.", numbers, figure)


def adoption_finding(groups: Sequence[Compared], noisy: Sequence[str], rng: np.random.Generator) -> Finding:
    """Of the wrong answers, the share that stand in one of the distractors."""
    sentences, numbers = [], {}
    for group in groups:
        for key in group.begun():
            if key not in noisy:
                continue
            shared = group.shared(key)
            wrong, taken = (group.by_problem(key, shared, measure) for measure in (_wrong, _taken_up))
            share = ratio(taken, wrong, rng)
            if share.value is not None:
                name = f"{group.prefix}{group.labels[key]}"
                numbers[f"{name}: wrong answers out of a distractor"] = share
                sentences.append(f"{name}: {describe(share)} on {problems(share.n)}.")
    told = "Share of the wrong answers that stand in a distractor, of answers that were found. " + " ".join(sentences)
    return Finding("adoption", "Distractors taken up", told if sentences else "No wrong answer yet.", numbers)


def kinds_finding(groups: Sequence[Compared], amounts: Sequence[int], rng: np.random.Generator) -> Finding:
    """Hard negatives against as many random documents: what likeness adds to length."""
    sentences, numbers = [], {}
    for group in groups:
        for amount in amounts:
            pair = (f"documents_{amount}", f"hard_{amount}")
            if shared := group.shared(*pair):
                random, hard = (group.by_problem(key, shared, accuracy) for key in pair)
                difference = bootstrap_mean(hard - random, rng)
                name = f"{group.prefix}hard negatives against random documents, {amount} of each"
                numbers[name] = difference
                sentences.append(f"{name}: {describe_difference(difference)} on {problems(len(shared))}.")
    return Finding("kinds", "What likeness adds", " ".join(sentences) or "Nothing yet.", numbers)


def mitigation_finding(groups: Sequence[Compared], asked: Sequence[str], rng: np.random.Generator) -> Finding:
    """Each sentence against distraction, held against the same distractors without it."""
    sentences, numbers = [], {}
    for group in groups:
        for key in asked:
            if shared := group.shared(key, key.rpartition("_")[0]):
                without, with_it = (group.by_problem(each, shared, accuracy) for each in (key.rpartition("_")[0], key))
                difference = bootstrap_mean(with_it - without, rng)
                name = f"{group.prefix}{group.labels[key]}"
                numbers[f"{name}: against the same without"] = difference
                sentences.append(f"{name}: {describe_difference(difference)} on {problems(len(shared))}.")
    told = "Accuracy against the same distractors without the sentence. " + " ".join(sentences)
    return Finding("mitigation", "Sentences against distraction", told if sentences else "Nothing yet.", numbers)


def _places(group: Compared, keys: Mapping[int, str]) -> dict[int, str]:
    return {0: CONTROL} | {amount: key for amount, key in keys.items() if key in group.begun()}


def _wrong(pool: Pool, outcome: AttemptOutcome) -> float:
    return float((~pool.correct & (pool.answers >= 0)).mean()) if pool.n else 0.0


def _taken_up(pool: Pool, outcome: AttemptOutcome) -> float:
    taken = np.array([bool(each.get("in_distractor")) for each in pool.grading or [{}] * pool.n], dtype=bool)
    return float((taken & ~pool.correct & (pool.answers >= 0)).mean()) if pool.n else 0.0


def _entropy(pool: Pool, outcome: AttemptOutcome) -> float:
    scores = next((values for name, values in pool.scores.items() if name.partition("-")[0] == "entropy"), None)
    return np.nan if scores is None or np.isnan(scores).all() else float(-np.nanmean(scores))


def _logprob(pool: Pool, outcome: AttemptOutcome) -> float:
    means = pool.mean_logprobs
    return np.nan if means is None or np.isnan(means).all() else float(np.nanmean(means))


def _change(group: Compared, key: str, measure, rng: np.random.Generator) -> Estimate | None:
    """On the problems that have the measure on both sides; None where none does."""
    shared = group.shared(CONTROL, key)
    change = group.by_problem(key, shared, measure) - group.by_problem(CONTROL, shared, measure)
    change = change[~np.isnan(change)]
    return bootstrap_mean(change, rng) if len(change) else None
