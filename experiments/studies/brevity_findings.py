"""What a brevity study says: tokens saved, accuracy won or lost, and who kept to the limit."""

from collections.abc import Sequence

import numpy as np

from ..statistics.estimates import Estimate
from ..statistics.intervals import bootstrap_mean
from ..statistics.savings import share_saved
from .base import Figure, Finding, Series
from .brevity_arms import Arm, Group
from .wording import describe_difference, problems


def nothing_yet() -> Finding:
    return Finding(
        "headline", "Brevity", "No problem is finished both with and without the limit, so there is nothing to compare."
    )


def headline(groups: Sequence[Group], rng: np.random.Generator) -> Finding:
    """The brief arm against the control, for every model and variant."""
    sentences, numbers = [], {}
    for group in groups:
        sentence, estimates = _effect(group, _arm(group, "brief"), rng)
        sentences.append(group.prefix + sentence)
        numbers |= {f"{group.prefix}{name}": estimate for name, estimate in estimates.items()}
    return Finding("headline", "Brevity", " ".join(sentences), numbers)


def effects_finding(groups: Sequence[Group], rng: np.random.Generator) -> Finding:
    """Every other arm against the control, and the limit against the placebo."""
    sentences, numbers = [], {}
    for group in groups:
        for arm in group.arms:
            if arm.key in ("control", "brief") or not group.shared_problems("control", arm.key):
                continue
            sentence, estimates = _effect(group, arm, rng)
            sentences.append(group.prefix + sentence)
            numbers |= {f"{group.prefix}{arm.label}: {name}": estimate for name, estimate in estimates.items()}
        if shared := group.pools.get("placebo") and group.shared_problems("placebo", "brief"):
            difference = bootstrap_mean(_change(group, "placebo", "brief", shared, "correct"), rng)
            numbers[f"{group.prefix}limit against placebo: accuracy"] = difference
            sentences.append(
                f"{group.prefix}Against the placebo the limit changes accuracy by {describe_difference(difference)}."
            )
    if not sentences:
        sentences = ["The other conditions have no finished problem in common with the control yet."]
    return Finding("effects", "Other limits", " ".join(sentences), numbers)


def lengths_finding(groups: Sequence[Group], rng: np.random.Generator) -> Finding:
    """Accuracy against mean tokens, a point for every condition, joined to its control."""
    series, arrows, numbers = [], [], {}
    for group in groups:
        places = {}
        for arm in group.arms:
            if shared := group.pools.get(arm.key) and group.shared_problems("control", arm.key):
                accuracy = bootstrap_mean(group.by_problem(arm.key, shared, "correct"), rng)
                tokens = bootstrap_mean(group.by_problem(arm.key, shared, "tokens"), rng)
                places[arm.key] = (tokens, accuracy)
                name = f"{group.prefix}{arm.label}"
                numbers |= {f"{name}: tokens": tokens, f"{name}: accuracy": accuracy}
                series.append(_point(name, tokens, accuracy))
        arrows += [_arrow(group, places["control"], place) for key, place in places.items() if key != "control"]
    best = _frontier(series)
    if len(best.x) > 1:
        arrows.append(best)
    shown = Figure("Accuracy against length", "tokens per answer, mean", "share of answers right", [*series, *arrows])
    sentence = (
        "Every condition with its 95% intervals over problems, joined to its control. "
        "The dashed line joins the conditions that no other one beats in both respects, as they were observed."
    )
    return Finding("lengths", "Accuracy against length", sentence, numbers, shown)


def compliance_finding(groups: Sequence[Group], rng: np.random.Generator) -> Finding:
    """How many answers keep the limit, and how many were cut off, which is no way of keeping it."""
    sentences, numbers = [], {}
    for group in groups:
        for arm in group.arms:
            if not group.pools.get(arm.key):
                continue
            shared = sorted(group.pools[arm.key])
            cut = bootstrap_mean(group.by_problem(arm.key, shared, "truncated"), rng)
            numbers[f"{group.prefix}{arm.label}: cut off"] = cut
            if arm.most is None:
                continue
            shares = group.kept(arm, shared)
            kept = bootstrap_mean(shares[~np.isnan(shares)], rng)
            numbers[f"{group.prefix}{arm.label}: within the limit"] = kept
            if kept.value is None:
                sentences.append(f"{group.prefix}{arm.label}: every answer was cut off, so none can be held against the limit.")
            else:
                sentences.append(
                    f"{group.prefix}{arm.label}: {_percent(kept)} of the answers that ended keep to "
                    f"{arm.most:,} {arm.unit}; "
                    f"{_percent(cut)} were cut off."
                )
    return Finding("compliance", "Keeping to the limit", " ".join(sentences), numbers)


def _effect(group: Group, arm: Arm, rng: np.random.Generator) -> tuple[str, dict[str, Estimate]]:
    """One arm against the control in a sentence, with the numbers in it."""
    shared = group.shared_problems("control", arm.key)
    before, after = (bootstrap_mean(group.by_problem(key, shared, "correct"), rng) for key in ("control", arm.key))
    difference = bootstrap_mean(_change(group, "control", arm.key, shared, "correct"), rng)
    saved = share_saved(*(group.by_problem(key, shared, "tokens") for key in ("control", arm.key)), rng)
    asked = {"placebo": "A neutral sentence more", "direct": "Asking for the final answer alone"}
    what = asked.get(arm.key, f"Asking for {arm.label}")
    sentence = (
        f"{what} {_saves(saved)}; accuracy {before.value:.2f} → {after.value:.2f} on {problems(len(shared))}, "
        f"difference {describe_difference(difference)}."
    )
    return sentence, {"tokens saved": saved, "accuracy without": before, "accuracy with": after, "difference": difference}


def _saves(saved: Estimate) -> str:
    if saved.value is None:
        return "saves nothing, for the answers are empty anyway"
    if saved.low is not None and saved.low <= 0 <= saved.high:
        return f"makes no clear difference to the tokens ({_percent(saved)} saved)"
    return f"saves {_percent(saved)} of the tokens" if saved.value > 0 else f"takes {_percent(_negated(saved))} more tokens"


def _change(group: Group, before: str, after: str, shared: Sequence[str], measure: str) -> np.ndarray:
    return group.by_problem(after, shared, measure) - group.by_problem(before, shared, measure)


def _arm(group: Group, key: str) -> Arm:
    return next(arm for arm in group.arms if arm.key == key)


def _negated(estimate: Estimate) -> Estimate:
    low, high = (None, None) if estimate.low is None else (-estimate.high, -estimate.low)
    return Estimate(-estimate.value, low, high, estimate.n, estimate.method)


def _percent(share: Estimate) -> str:
    """For example "61% [55%, 66%]"."""
    interval = "" if share.low is None else f" [{share.low:.0%}, {share.high:.0%}]"
    return f"{share.value:.0%}{interval}".replace("-", "−")


def _point(name: str, x: Estimate, y: Estimate) -> Series:
    return Series(name, [x.value], [y.value], [y.low], [y.high], n=y.n, lines=False, bars=True, x_low=[x.low], x_high=[x.high])


def _arrow(group: Group, start: tuple[Estimate, Estimate], end: tuple[Estimate, Estimate]) -> Series:
    xs, ys = zip(*((tokens.value, accuracy.value) for tokens, accuracy in (start, end)), strict=True)
    return Series(f"{group.prefix}from control", list(xs), list(ys), dashed=False, markers=False)


def _frontier(series: Sequence[Series]) -> Series:
    """The points for which no other one has fewer tokens and at least the accuracy, or as many and more."""
    best, highest = [], -1.0
    for x, y in sorted(((each.x[0], each.y[0]) for each in series if each.bars), key=lambda point: (point[0], -point[1])):
        if y > highest:
            best.append((x, y))
            highest = y
    return Series("frontier", [x for x, _ in best], [y for _, y in best], dashed=True, markers=False)
