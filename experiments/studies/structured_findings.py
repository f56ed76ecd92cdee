"""What a study of structured output says."""

from collections.abc import Sequence
from itertools import combinations

import numpy as np

from ..domain.json_failures import Failure
from ..statistics.estimates import Estimate
from ..statistics.intervals import bootstrap_mean, wilson
from ..statistics.medians import median, ratio_of_medians
from ..statistics.paired import holm, mcnemar_mid_p, sign_flip
from ..statistics.ratios import ratio
from .base import Figure, Finding, HeatMap, Series
from .structured_arms import PARTS, ArmResults
from .wording import describe, describe_difference, percent, problems

_LEVEL = 0.05


def nothing_yet() -> Finding:
    return Finding("headline", "Usable replies", "No problem is finished yet.")


def no_details() -> Finding:
    return Finding(
        "headline",
        "Usable replies",
        "The run's grader does not tell which replies keep the contract: choose the grader “JSON contract” in the experiment.",
    )


def headline(arms: Sequence[ArmResults], rng: np.random.Generator) -> Finding:
    """Output accuracy by arm, and how much of what is right it is."""
    sentences, numbers = [], {}
    for each in arms:
        name = _name(each, arms)
        usable, right = each.rate("joint", rng), each.rate("right", rng)
        numbers |= {f"{name}: output accuracy": usable}
        sentences.append(f"{_first(each, arms)}: {percent(usable)} right and valid, {percent(right)} right in whatever form.")
    n = problems(max(len(each.problems) for each in arms))
    sentence = (
        f"Output accuracy, the share of replies that are right and keep the contract at once, on {n}. {' '.join(sentences)}"
    )
    return Finding("headline", "Usable replies", sentence, numbers)


def parts_finding(arms: Sequence[ArmResults], rng: np.random.Generator) -> Finding:
    """Validity, task accuracy, joint and conditional accuracy, the gap between them and what mending would win."""
    sentences, numbers = [], {}
    for each in arms:
        name = _name(each, arms)
        gap = bootstrap_mean(each.of_name("right") - each.of_name("joint"), rng)
        won = bootstrap_mean(each.of_name("repaired") - each.of_name("valid"), rng)
        numbers |= {
            f"{name}: validity": each.rate("valid", rng),
            f"{name}: task accuracy": each.rate("right", rng),
            f"{name}: output accuracy": each.rate("joint", rng),
            f"{name}: right where valid": _conditional(each, rng),
            f"{name}: gap": gap,
            f"{name}: recoverable": won,
        }
        sentences.append(
            f"{_first(each, arms)}: valid {percent(numbers[f'{name}: validity'])}; right where valid "
            f"{_percent_or_none(numbers[f'{name}: right where valid'])}; gap {describe(gap)}; mending would make a further "
            f"{percent(won)} valid."
        )
    sentence = (
        "The gap is task accuracy, read with good will from whatever was written, less output accuracy. Mending strips a fence "
        f"around the whole reply and repairs slips; it is not counted anywhere else. {' '.join(sentences)}"
    )
    return Finding("parts", "Valid, right, and both", sentence, numbers, _stacked(arms, rng))


def tests_finding(arms: Sequence[ArmResults], rng: np.random.Generator) -> Finding:
    """Output accuracy between all pairs of arms of a model, on the problems that both have."""
    pairs = [(one, other) for one, other in combinations(arms, 2) if one.model == other.model]
    compared = [(one, other, *_difference(one, other, rng)) for one, other in pairs if set(one.problems) & set(other.problems)]
    if not compared:
        return Finding("tests", "Which arms differ", "No two arms have a finished problem in common yet.")
    adjusted = holm([p for *_, p in compared])
    numbers, clear = {}, []
    for (one, other, difference, _), p in zip(compared, adjusted, strict=True):
        name = f"{_name(other, arms)} against {one.label}"
        numbers[name] = difference
        if p < _LEVEL:
            clear.append(f"{_first(other, arms)} against {one.label}: {describe_difference(difference)} (p = {p:.2g})")
    kind = "McNemar's mid-p" if all(each.is_single for each in arms) else "sign flips over problems"
    told = f"{'; '.join(clear)}." if clear else ""
    rest = len(compared) - len(clear)
    unclear = f" {rest} of the {len(compared)} pairs show no clear difference." if rest else ""
    sentence = f"Differences in output accuracy on the same problems, {kind}, Holm over {len(compared)} pairs. {told}{unclear}"
    p_values = {name: p for name, p in zip(numbers, adjusted, strict=True)}
    return Finding("tests", "Which arms differ", sentence, numbers, details={"p after Holm": p_values})


def failures_finding(arms: Sequence[ArmResults], rng: np.random.Generator) -> Finding:
    """The kinds of failure by arm; kinds that never occurred are left out."""
    kinds = [kind for kind in Failure if any(each.of_name(kind).any() for each in arms)]
    if not kinds:
        return Finding("failures", "How replies fail", "Every reply can be used.")
    cells = [[each.rate(kind, rng) for kind in kinds] for each in arms]
    sentences = []
    for each, row in zip(arms, cells, strict=True):
        most = max(range(len(kinds)), key=lambda place: row[place].value)
        worst = f"most often {kinds[most]}, {percent(row[most])} of replies" if row[most].value else "never"
        sentences.append(f"{_first(each, arms)}: {worst}.")
    shown = HeatMap(
        "Kinds of failure",
        "kind, the first that fits",
        "arm",
        "share of replies",
        [str(kind) for kind in kinds],
        [_name(each, arms) for each in arms],
        *([[getattr(cell, part) for cell in row] for row in cells] for part in ("value", "low", "high")),
        n=max(len(each.problems) for each in arms),
    )
    return Finding("failures", "How replies fail", " ".join(sentences), figure=shown)


def latency_finding(arms: Sequence[ArmResults], rng: np.random.Generator) -> Finding:
    """Seconds against output accuracy, and the ratios of medians to the naive arm, per reply and per token."""
    numbers, sentences, series = {}, [], []
    naive = {each.model: each for each in arms if each.arm == "naive"}
    for each in arms:
        name = _name(each, arms)
        seconds, usable = median(np.array([each.seconds[key] for key in each.problems]), rng), each.rate("joint", rng)
        numbers[f"{name}: median seconds"] = seconds
        series.append(_point(name, seconds, usable))
        base = naive.get(each.model)
        if base is None or base is each:
            continue
        whole, by_token = (ratio_of_medians(*_times(each, base, per_token), rng) for per_token in (False, True))
        numbers |= {f"{name}: seconds against naive": whole, f"{name}: seconds per token against naive": by_token}
        sentences.append(
            f"{_first(each, arms)}: {describe(whole)} times the seconds of naive, {describe(by_token)} times per token."
        )
    figure = Figure("Seconds and output accuracy", "seconds per reply, median", "right and valid, share of replies", series)
    sentence = (
        "Ratios of medians over the same problems. Seconds include waiting for a place beside other texts, and what "
        f"constraining costs depends on the engine. {' '.join(sentences)}"
    )
    return Finding("latency", "What it costs in time", sentence, numbers, figure)


def _conditional(each: ArmResults, rng: np.random.Generator) -> Estimate:
    joint, valid = each.of_name("joint"), each.of_name("valid")
    return wilson(int(joint.sum()), int(valid.sum())) if each.is_single else ratio(joint, valid, rng)


def _difference(one: ArmResults, other: ArmResults, rng: np.random.Generator) -> tuple[Estimate, float]:
    """The second arm's output accuracy less the first one's, and p."""
    shared = sorted(set(one.problems) & set(other.problems))
    before, after = one.of_name("joint", shared), other.of_name("joint", shared)
    if one.is_single and other.is_single:
        p = mcnemar_mid_p(int((before > after).sum()), int((after > before).sum()))
    else:
        p = sign_flip(after - before, rng)
    return bootstrap_mean(after - before, rng), p


def _times(each: ArmResults, base: ArmResults, per_token: bool) -> tuple[np.ndarray, np.ndarray]:
    """Seconds of a reply or of a token of it, on problems where both wrote something."""
    shared = [key for key in each.problems if key in base.seconds and each.tokens[key] and base.tokens[key]]
    return tuple(np.array([arm.seconds[key] / (arm.tokens[key] if per_token else 1) for key in shared]) for arm in (each, base))


def _stacked(arms: Sequence[ArmResults], rng: np.random.Generator) -> Figure:
    series = []
    for part, words in PARTS.items():
        found = [each.rate(part, rng) for each in arms]
        values = ([getattr(estimate, side) for estimate in found] for side in ("value", "low", "high"))
        series.append(Series(words, list(range(len(arms))), *values, n=max(estimate.n for estimate in found)))
    labels = [_name(each, arms) for each in arms]
    return Figure("Valid, right, and both", "arm", "share of replies", series, x_labels=labels, stacked=True)


def _name(each: ArmResults, arms: Sequence[ArmResults]) -> str:
    return each.label if len({arm.model for arm in arms}) == 1 else f"{each.model}, {each.label}"


def _first(each: ArmResults, arms: Sequence[ArmResults]) -> str:
    """The name at the beginning of a sentence; a language model's stays as it is."""
    name = _name(each, arms)
    return name if name != each.label else name[0].upper() + name[1:]


def _percent_or_none(share: Estimate) -> str:
    return "unknown, none is valid" if share.value is None else percent(share)


def _point(name: str, x: Estimate, y: Estimate) -> Series:
    return Series(name, [x.value], [y.value], [y.low], [y.high], n=y.n, lines=False, bars=True, x_low=[x.low], x_high=[x.high])
