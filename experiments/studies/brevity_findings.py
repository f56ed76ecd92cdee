"""What a brevity study says of accuracy and tokens: every condition against its control, problem by problem."""

from collections.abc import Sequence

import numpy as np

from ..statistics.estimates import Estimate
from ..statistics.intervals import bootstrap_mean
from ..statistics.paired import sign_flip
from ..statistics.savings import share_saved, spent_in_vain
from .base import Figure, Finding, Series
from .brevity_arms import Arm, Group
from .tested_rows import with_p_values
from .trade_off import frontier_line, in_words, joined, point
from .wording import describe_difference, percent, problems


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
    """Every other arm against the control, corrected for being many, and the limit against the placebo."""
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
    return Finding("effects", "Other limits", " ".join(sentences), numbers, details={"table": _table(groups, rng)})


def _table(groups: Sequence[Group], rng: np.random.Generator) -> dict[str, list]:
    """A row for each arm but the control. p is that of a sign-flip test over problems, then by Holm over all rows."""
    rows, p_values = [], []
    for group in groups:
        for arm in group.arms:
            if arm.key == "control" or not (shared := group.shared_problems("control", arm.key)):
                continue
            change = _change(group, "control", arm.key, shared, "correct")
            saved = share_saved(*(group.by_problem(key, shared, "tokens") for key in ("control", arm.key)), rng)
            told = "–" if saved.value is None else percent(saved)
            p_values.append(sign_flip(change, rng))
            rows.append([f"{group.prefix}{arm.label}", str(len(shared)), told, describe_difference(bootstrap_mean(change, rng))])
    return with_p_values(["condition against its control", "problems", "tokens saved", "accuracy"], rows, p_values)


def slopes_finding(groups: Sequence[Group], rng: np.random.Generator) -> Finding:
    """Accuracy under each condition, a line for each language model and variant."""
    labels = [arm.label for arm in groups[0].arms]
    series = []
    for group in groups:
        there = [place for place, arm in enumerate(group.arms) if group.pools.get(arm.key)]
        shared = group.shared_problems(*(group.arms[place].key for place in there))
        found = [bootstrap_mean(group.by_problem(group.arms[place].key, shared, "correct"), rng) for place in there]
        columns = ([getattr(each, end) for each in found] for end in ("value", "low", "high"))
        name = group.prefix.removesuffix(": ") or "accuracy"
        series.append(Series(name, list(map(float, there)), *columns, n=len(shared), bars=True))
    figure = Figure("Accuracy by condition", "condition", "share of answers right", series, x_labels=labels)
    sentence = (
        "A line for each language model and prompt variant, on the problems finished under all of its conditions: where "
        "lines cross, a condition turns the order of the models round."
    )
    return Finding("slopes", "Accuracy by condition", sentence, figure=figure)


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
                series.append(point(name, tokens, accuracy))
        arrows += joined(f"{group.prefix}from control", places, "control")
    best = frontier_line(series)
    if len(best.x) > 1:
        arrows.append(best)
    shown = Figure("Accuracy against length", "tokens per answer, mean", "share of answers right", [*series, *arrows])
    sentence = (
        "Every condition with its 95% intervals over problems, joined to its control. "
        "The dashed line joins the conditions that no other one beats in both respects, as they were observed."
    )
    return Finding("lengths", "Accuracy against length", sentence, numbers, shown)


def _effect(group: Group, arm: Arm, rng: np.random.Generator) -> tuple[str, dict[str, Estimate]]:
    """One arm against the control in a sentence, with the numbers in it."""
    shared = group.shared_problems("control", arm.key)
    before, after = (bootstrap_mean(group.by_problem(key, shared, "correct"), rng) for key in ("control", arm.key))
    difference = bootstrap_mean(_change(group, "control", arm.key, shared, "correct"), rng)
    saved = share_saved(*(group.by_problem(key, shared, "tokens") for key in ("control", arm.key)), rng)
    asked = {"placebo": "A neutral sentence more", "direct": "Asking for the final answer alone"}
    what = asked.get(arm.key, f"Asking for {arm.label}")
    sentence = (
        f"{what} {in_words(saved)}; accuracy {before.value:.2f} → {after.value:.2f} on {problems(len(shared))}, "
        f"difference {describe_difference(difference)}."
    )
    vain = spent_in_vain(group.by_problem("control", shared, "tokens"), group.by_problem(arm.key, shared, "correct"), rng)
    numbers = {"tokens saved": saved, "accuracy without": before, "accuracy with": after, "difference": difference}
    return sentence, numbers if vain.value is None else numbers | {"control's tokens on problems solved with it": vain}


def _change(group: Group, before: str, after: str, shared: Sequence[str], measure: str) -> np.ndarray:
    return group.by_problem(after, shared, measure) - group.by_problem(before, shared, measure)


def _arm(group: Group, key: str) -> Arm:
    return next(arm for arm in group.arms if arm.key == key)
