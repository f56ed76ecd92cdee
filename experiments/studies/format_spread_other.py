"""Answers that are none of the options: the format was not followed, which is something else than being wrong."""

from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from ..statistics.estimates import Estimate
from ..statistics.format_spread import accuracy
from ..statistics.intervals import bootstrap_mean
from .base import Figure, Finding, Series
from .format_spread_formats import FormatList
from .format_spread_groups import Group
from .wording import percent, problems


def other_findings(groups: Sequence[Group], formats: FormatList, rng: np.random.Generator) -> list[Finding]:
    """Their share over all formats and by format; none before there is an answer."""
    told = [group for group in groups if any(group.other.values())]
    if not told:
        return []
    sentences, numbers, series = [], {}, []
    for group in told:
        shares = {key: accuracy(_values(group, key), rng) for key in formats.sampled if group.other.get(key)}
        overall = bootstrap_mean(_by_problem(group, list(shares)), rng)
        most = max(shares, key=lambda key: shares[key].value)
        sentences.append(group.prefix + _told(overall, formats.in_a_sentence(most), shares[most]))
        numbers |= {f"{group.prefix}other": overall, f"{group.prefix}other, {formats.name(most)}": shares[most]}
        series.append(_series("other" if not group.prefix else group.name, shares, formats))
    title = "Answers that are none of the options"
    shown = Figure(title, "format (0 is the original)", "share of answers", series)
    return [Finding("other", title, " ".join(sentences), numbers, shown)]


def _told(overall: Estimate, name: str, most: Estimate) -> str:
    if not most.value:
        return f"Every answer to the {problems(overall.n)} names one of the options."
    return f"{percent(overall)} of the answers are none of the options; under {name} it is {percent(most)}."


def _values(group: Group, key: str) -> np.ndarray:
    return np.array(list(group.other[key].values()))


def _by_problem(group: Group, keys: Sequence[str]) -> np.ndarray:
    """(problems,) means over the formats that a problem was asked in."""
    found = defaultdict(list)
    for key in keys:
        for problem, value in group.other[key].items():
            found[problem].append(value)
    return np.array([np.mean(values) for values in found.values()])


def _series(name: str, shares: dict[str, Estimate], formats: FormatList) -> Series:
    places = list(formats.sampled)
    return Series(
        name,
        [float(places.index(key)) for key in shares],
        [each.value for each in shares.values()],
        [each.low for each in shares.values()],
        [each.high for each in shares.values()],
        n=max(each.n for each in shares.values()),
        lines=False,
        bars=True,
    )
