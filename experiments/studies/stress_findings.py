"""What a study of stress levels says; the unit is the sentence."""

from collections.abc import Mapping, Sequence

import numpy as np

from ..statistics.estimates import Estimate
from ..statistics.intervals import bootstrap_mean
from ..statistics.inverted_u import Quadratic, quadratic, two_lines
from ..statistics.paired import sign_flip
from ..statistics.two_way import two_way_mean
from .base import Figure, Finding, Series
from .compared import Compared, Measure, accuracy, tokens
from .drops import CONTROL
from .tested_rows import with_p_values
from .wording import describe, describe_difference, problems

#: Level -> keys of its sentences.
Keys = Mapping[int, Sequence[str]]


def headline(groups: Sequence[Compared], keys: Keys) -> Finding:
    """The quadratic's vertex and the two lines, over one mean per sentence."""
    sentences, numbers = [], {}
    for group in groups:
        x, y, n = _points(group, keys)
        fit = quadratic(x, y)
        peaks = fit is not None and fit.curvature.value < 0 and fit.vertex is not None
        lines = two_lines(x, y, fit.vertex.value) if peaks and x.min() < fit.vertex.value < x.max() else None
        numbers |= {f"{group.prefix}curvature": fit.curvature}
        if lines:
            numbers |= {
                f"{group.prefix}peak of the quadratic, level": fit.vertex,
                f"{group.prefix}slope before the peak": lines.before,
                f"{group.prefix}slope after the peak": lines.after,
            }
            told = (
                f"slope {_slope(lines.before)} (p = {lines.p_before:.3f}) before level {lines.split:.1f} and "
                f"{_slope(lines.after)} (p = {lines.p_after:.3f}) after it"
            )
        else:
            told = "the quadratic has no peak with enough levels on both sides"
        verdict = "an inverted U" if lines and lines.is_inverted_u() else "no inverted U"
        sentences.append(f"{group.prefix}Accuracy by stress level shows {verdict}: {told}.")
        sentences.append(f"The unit is the sentence: {len(x)} of them, each a mean over the same {problems(n)}.")
    sentences.append("The levels are ours and were rated by nobody.")
    return Finding("headline", "Stress levels", " ".join(sentences), numbers)


def levels_finding(groups: Sequence[Compared], keys: Keys, rng: np.random.Generator) -> Finding:
    """A point for every sentence, the mean of each level, the fit, and lines for the neutral sentence and for none."""
    series = []
    for group in groups:
        x, y, n = _points(group, keys)
        series.append(Series(f"{group.prefix}sentences", x.tolist(), y.tolist(), n=n, lines=False))
        series.append(_by_level(group, f"{group.prefix}mean of the level", keys, accuracy, rng))
        if fit := quadratic(x, y):
            series.append(_curve(f"{group.prefix}quadratic", fit, list(keys)))
        for key in ("neutral", CONTROL):
            if shared := group.shared(key) if key in group.conditions else []:
                mean = float(group.by_problem(key, shared, accuracy).mean())
                ends = [float(min(keys)), float(max(keys))]
                name = f"{group.prefix}{group.labels[key]}"
                series.append(Series(name, ends, [mean, mean], n=len(shared), dashed=True, markers=False))
    figure = Figure("Accuracy by stress level", "stress level, as we wrote them", "share of answers right", series)
    sentence = (
        "A point is one sentence. Intervals of a level resample its sentences and the problems together. As every sentence is "
        "put to the same problems, regressing their means is what a random effect of the sentence comes to."
    )
    return Finding("levels", "Accuracy by stress level", sentence, figure=figure)


def neutral_finding(groups: Sequence[Compared], keys: Keys, rng: np.random.Generator) -> Finding:
    """Every level against the neutral sentence; that, and the same prompt a second time, against no sentence."""
    rows, p_values, numbers = [], [], {}
    for group in groups:
        for level, found in keys.items():
            if "neutral" in group.conditions and (shared := group.shared("neutral", *found)):
                neutral = group.by_problem("neutral", shared, accuracy)
                scores = np.array([group.by_problem(key, shared, accuracy) for key in found])
                change = two_way_mean(scores - neutral, rng)
                name = f"{group.prefix}level {level}"
                numbers[f"{name}: difference"] = change
                p_values.append(sign_flip((scores - neutral).mean(axis=0), rng))
                rows.append([name, str(len(shared)), describe(two_way_mean(scores, rng)), describe_difference(change)])
    table = with_p_values(["level", "problems", "accuracy", "against the neutral sentence"], rows, p_values)
    told = [_against_none(group, key, rng) for group in groups for key in ("neutral", "repeat")]
    sentence = " ".join(["Levels against a neutral sentence of the same length.", *filter(None, told)])
    return Finding("neutral", "Against a neutral sentence", sentence, numbers, details={"table": table})


def length_finding(groups: Sequence[Compared], keys: Keys, rng: np.random.Generator) -> Finding:
    series = [_by_level(group, group.prefix.removesuffix(": ") or "tokens", keys, tokens, rng) for group in groups]
    figure = Figure("Length by stress level", "stress level, as we wrote them", "tokens per answer", series, y_range=None)
    return Finding("length", "Length of answers by stress level", "Tokens written per answer under each level.", figure=figure)


def _against_none(group: Compared, key: str, rng: np.random.Generator) -> str:
    """A condition without stress against the prompt alone; nothing while no problem has ended under both."""
    if not (shared := group.shared(key, CONTROL)):
        return ""
    there, none = (group.by_problem(each, shared, accuracy) for each in (key, CONTROL))
    difference = describe_difference(bootstrap_mean(there - none, rng))
    return f"{group.prefix}{group.labels[key].capitalize()} against none on {problems(len(shared))}: {difference}."


def _points(group: Compared, keys: Keys) -> tuple[np.ndarray, np.ndarray, int]:
    """(sentences,) levels and mean accuracies on the problems that all sentences share, and how many these are."""
    shared = group.shared(*(key for found in keys.values() for key in found))
    places = [(level, group.by_problem(key, shared, accuracy).mean()) for level, found in keys.items() for key in found]
    x, y = np.array(places, dtype=float).T
    return x, y, len(shared)


def _by_level(group: Compared, name: str, keys: Keys, measure: Measure, rng: np.random.Generator) -> Series:
    shared = group.shared(*(key for found in keys.values() for key in found))
    means = [two_way_mean(np.array([group.by_problem(key, shared, measure) for key in found]), rng) for found in keys.values()]
    columns = ([getattr(each, end) for each in means] for end in ("value", "low", "high"))
    return Series(name, list(map(float, keys)), *columns, n=len(shared), bars=True, lines=False)


def _curve(name: str, fit: Quadratic, levels: Sequence[int]) -> Series:
    x = np.linspace(min(levels), max(levels), 37)
    return Series(name, x.tolist(), fit.at(x).tolist(), markers=False)


def _slope(slope: Estimate) -> str:
    """Per level, in points of accuracy."""
    return f"{100 * slope.value:+.2f} [{100 * slope.low:+.2f}, {100 * slope.high:+.2f}] points per level".replace("-", "−")
