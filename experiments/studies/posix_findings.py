"""What a study of prompt sensitivity says."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations

import numpy as np

from ..statistics.estimates import Estimate
from ..statistics.format_agreement import rank_correlation
from ..statistics.intervals import BY_PROBLEM, bootstrap_mean
from .base import Figure, Finding, HeatMap, Series
from .posix_sets import FACTORS, KINDS, MEASURES, SetResults
from .wording import describe, describe_difference, problems

_UNKNOWN = Estimate(None, None, None, 0, BY_PROBLEM)
#: A rank correlation is told over at least so many sets, of which so many differ from the value that most of them have.
_FEWEST_SETS = 10
_FEWEST_APART = 3


def nothing_yet() -> Finding:
    return Finding("headline", "Prompt sensitivity", "No set of prompts is answered yet.")


def headline(results: Sequence[SetResults], rng: np.random.Generator) -> Finding:
    """The index by kind of prompts; where there are no log-probabilities only that there is none."""
    sentences, numbers = [], {}
    for model, own in _by_model(results).items():
        indexed = [each for each in own if each.is_indexed]
        if not indexed:
            sentences.append(
                f"{model} does not tell how likely a given text is, so there is no POSIX for it: "
                "how often its answers change stands under “Answers that change”."
            )
            continue
        told = []
        for each in indexed:
            index = bootstrap_mean(each.of_measure("psi"), rng)
            numbers[f"{_name(each, results)}: POSIX"] = index
            told.append(f"{each.kind} {describe(index)} over {_sets(each, index.n)}")
        sentences.append(
            f"{model}: swapping a prompt for another of the same meaning moves the log-probability of its answer by "
            f"(POSIX, nats per token) {'; '.join(told)}."
        )
    return Finding("headline", "Prompt sensitivity", " ".join(sentences), numbers)


def kinds_finding(results: Sequence[SetResults], rng: np.random.Generator) -> Finding:
    """Whether kinds of prompts differ in their index, and how far it may be rounding."""
    sentences, numbers = [], {}
    for own in _by_model(results).values():
        for one, other in combinations(own, 2):
            difference = _difference(one, other, "psi", rng)
            numbers[f"{_name(one, results)} against {other.kind}: POSIX"] = difference
            if difference.value is not None:
                sentences.append(f"{_first(one, results)} against {other.kind}: {describe_difference(difference)}.")
    rounding = {
        _name(each, results): bootstrap_mean(np.array(list(each.rounding.values())), rng) for each in results if each.rounding
    }
    numbers |= {f"{name}: read against written": found for name, found in rounding.items()}
    told = "; ".join(f"{name} {describe(found, 4)}" for name, found in rounding.items())
    sentences.append(
        "An answer that is read back under its own prompt should be as likely as when it was written; they are apart by, in nats "
        f"per token, {told or 'an unknown amount'}. So much of an index may be rounding, which a local model with the option "
        "“Reproducible” does not have."
    )
    figure = _bars("Index by kind of prompts", MEASURES["psi"], "psi", results, rng)
    return Finding("kinds", "Kinds of prompts", " ".join(sentences), numbers, figure)


def flips_finding(results: Sequence[SetResults], rng: np.random.Generator) -> Finding:
    """How often the answer itself changes; this needs no log-probabilities."""
    sentences, numbers = [], {}
    for each in results:
        index = bootstrap_mean(each.of_measure("flips"), rng)
        numbers[f"{_name(each, results)}: answer-flip index"] = index
        sentences.append(f"{_first(each, results)}: {describe(index)} over {_sets(each, index.n)}.")
    sentence = (
        "Answer-flip index: the chance that two prompts of a set, drawn with replacement, lead to different answers. It is not "
        f"POSIX, and says nothing of answers that became less likely and stayed. {' '.join(sentences)}"
    )
    figure = _bars("Answers that change", "answer-flip index", "flips", results, rng)
    return Finding("flips", "Answers that change", sentence, numbers, figure)


def accuracy_finding(results: Sequence[SetResults], rng: np.random.Generator) -> Finding:
    """Accuracy against sensitivity: between conditions as points, between sets as a rank correlation."""
    measure = "psi" if any(each.is_indexed for each in results) else "flips"
    sentences, numbers, series = [], {}, []
    for each in results:
        if not each.values[measure]:
            continue
        name = _name(each, results)
        sensitivity, accuracy = (bootstrap_mean(values, rng) for values in each.both(measure, "accuracy"))
        correlation = _correlation(each, measure, "accuracy", rng)
        numbers |= {f"{name}: accuracy": accuracy, f"{name}: rank correlation": correlation}
        sentences.append(f"{_first(each, results)}: accuracy {describe(accuracy)}, {_correlated(correlation)}.")
        series.append(_point(name, sensitivity, accuracy))
    sentence = f"Share of a set's prompts answered right, and how it goes with the set's {_short(measure)}. {' '.join(sentences)}"
    figure = Figure("Accuracy against sensitivity", MEASURES[measure], MEASURES["accuracy"], series)
    return Finding("accuracy", "Sensitivity and accuracy", sentence, numbers, figure)


def factors_finding(results: Sequence[SetResults], rng: np.random.Generator) -> Finding:
    """The four factors and their rank correlation with the index over sets."""
    numbers, rows = {}, []
    for each in results:
        name = _name(each, results)
        numbers |= {f"{name}: {MEASURES[factor]}": bootstrap_mean(each.of_measure(factor), rng) for factor in FACTORS}
        rows.append([_correlation(each, "psi", factor, rng) for factor in FACTORS])
        numbers |= {f"{name}: POSIX with {MEASURES[factor]}": found for factor, found in zip(FACTORS, rows[-1], strict=True)}
    shown = HeatMap(
        "Rank correlation with POSIX",
        "of a set's answers",
        "prompts",
        "Spearman's",
        [MEASURES[factor] for factor in FACTORS],
        [_name(each, results) for each in results],
        *([[getattr(cell, part) for cell in row] for row in rows] for part in ("value", "low", "high")),
        n=max(len(each.values["psi"]) for each in results),
        around_zero=True,
    )
    sentence = (
        "Over a condition's sets: how POSIX goes with the number of different answers, the entropy of their distribution, the "
        "words they share (which tells nothing of their meaning), and how much the probability of the answers varies. "
        f"A dash stands where fewer than {_FEWEST_APART} sets differ from the rest, or there are fewer than {_FEWEST_SETS} sets."
    )
    return Finding("factors", "What the index goes with", sentence, numbers, shown)


def set_finding(results: Sequence[SetResults]) -> Finding:
    """All pairs of prompts of the set in the middle of the first condition."""
    chosen = results[0]
    ranked = sorted(chosen.values["psi"], key=lambda problem: (chosen.values["psi"][problem], problem))
    problem = ranked[(len(ranked) - 1) // 2]
    table = chosen.tables[problem]
    numbers = [str(number) for number in range(1, len(table) + 1)]
    shown = HeatMap(
        f"Problem {problem}, {_name(chosen, results)}",
        "answer to prompt",
        "read under prompt",
        "nats per token",
        numbers,
        numbers,
        [[None if np.isnan(cell) else float(cell) for cell in row] for row in table],
    )
    sentence = (
        f"Problem {problem} has the middle index of its condition, {chosen.values['psi'][problem]:.2f}. Each cell is how far the "
        "log-probability of a column's answer moves, per token, when it is read under a row's prompt instead of its own; "
        "prompt 1 is the variant as it stands, and the attempt's page shows the others."
    )
    return Finding("set", "One set of prompts", sentence, figure=shown)


def _bars(title: str, y_title: str, measure: str, results: Sequence[SetResults], rng: np.random.Generator) -> Figure:
    kinds = [kind for kind in KINDS.values() if any(each.kind == kind for each in results)]
    series = []
    for model, own in _by_model(results).items():
        known = [(kinds.index(each.kind), bootstrap_mean(each.of_measure(measure), rng)) for each in own if each.values[measure]]
        places, found = [place for place, _ in known], [estimate for _, estimate in known]
        values = ([getattr(estimate, part) for estimate in found] for part in ("value", "low", "high"))
        if known:
            series.append(Series(model, places, *values, n=max(each.n for each in found), lines=False, bars=True))
    return Figure(title, "prompts", y_title, series, y_range=None, x_labels=kinds)


def _by_model(results: Sequence[SetResults]) -> dict[str, list[SetResults]]:
    found: dict[str, list[SetResults]] = {}
    for each in results:
        found.setdefault(each.model, []).append(each)
    return found


def _name(each: SetResults, results: Sequence[SetResults]) -> str:
    return each.kind if len(_by_model(results)) == 1 else f"{each.model}, {each.kind}"


def _first(each: SetResults, results: Sequence[SetResults]) -> str:
    """The name at the beginning of a sentence; a language model's stays as it is."""
    name = _name(each, results)
    return name if name != each.kind else name[0].upper() + name[1:]


def _sets(each: SetResults, n: int) -> str:
    return f"{problems(n)} with {each.n_prompts} prompts"


def _difference(one: SetResults, other: SetResults, measure: str, rng: np.random.Generator) -> Estimate:
    shared = sorted(one.values[measure].keys() & other.values[measure].keys())
    return bootstrap_mean(one.of_measure(measure, shared) - other.of_measure(measure, shared), rng) if shared else _UNKNOWN


def _correlation(each: SetResults, first: str, second: str, rng: np.random.Generator) -> Estimate:
    a, b = each.both(first, second)
    if len(a) < _FEWEST_SETS or min(map(_n_apart, (a, b))) < _FEWEST_APART:
        return replace(_UNKNOWN, n=len(a))
    return replace(rank_correlation(a, b, rng), method=BY_PROBLEM)


def _n_apart(values: np.ndarray) -> int:
    """How many differ from the most frequent value."""
    return len(values) - int(np.unique(values, return_counts=True)[1].max())


def _correlated(correlation: Estimate) -> str:
    if correlation.value is None:
        return "no rank correlation (hardly anything varies, or too few sets)"
    return f"rank correlation {describe(correlation)}{'' if correlation.excludes_zero else ': no clear relation'}"


def _short(measure: str) -> str:
    return "POSIX" if measure == "psi" else MEASURES[measure]


def _point(name: str, x: Estimate, y: Estimate) -> Series:
    return Series(name, [x.value], [y.value], [y.low], [y.high], n=y.n, lines=False, bars=True, x_low=[x.low], x_high=[x.high])
