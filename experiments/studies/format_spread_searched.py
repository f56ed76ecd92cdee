"""What a format study says where Thompson sampling looked for the best and the worst format."""

from collections.abc import Sequence

import numpy as np

from ..domain.formats.grammar import Grammar
from ..statistics.estimates import Estimate
from ..statistics.format_spread import measured
from ..statistics.intervals import wilson
from ..statistics.thompson import Found
from .base import Finding
from .format_spread_figures import search_figure
from .format_spread_formats import FormatList
from .format_spread_groups import Group
from .format_spread_other import other_findings
from .format_spread_search import FormatSearch
from .format_spread_shown import extremes_finding
from .wording import describe, points, problems


def searched_findings(
    groups: Sequence[Group], grammar: Grammar, formats: FormatList, search: FormatSearch, rng: np.random.Generator
) -> list[Finding]:
    """The headline, the trace of the search, and once it has ended the best and the worst format on held-out problems."""
    begun = [(group, _replayed(group, search)) for group in groups if group.has_begun]
    if not any(found.trace for _, found in begun):
        return [Finding("headline", "Format search", "The original format is being asked; the search begins after it.")]
    sentences, numbers, further = [], {}, []
    for group, found in begun:
        picking, measuring = search.split.halves(group.ended[search.arms[0]])
        picking, measuring = ([each for each in part if _is_known(group, search, found, each)] for part in (picking, measuring))
        if found.worst is None or not measuring:
            sentences.append(group.prefix + _so_far(found))
            continue
        best, worst = search.arms[found.best], search.arms[found.worst]
        value = float(np.ptp(group.matrix([best, worst], picking).mean(axis=1)))
        sentences.append(group.prefix + _told(found, value, len(search.arms), len(picking)))
        numbers[f"{group.prefix}spread found"] = Estimate(value, None, None, len(picking), "between the two formats found")
        extremes = measured(found.best, found.worst, *group.matrix([best, worst], measuring), rng)
        further.append(extremes_finding(group, grammar, formats, best, worst, extremes, len(picking)))
    about = (
        "The highest and the lowest accuracy seen by then with their 95% intervals, which know nothing of the search: a format "
        "that was asked little is extreme by chance more often."
    )
    return [
        Finding("headline", "Format search", " ".join(sentences), numbers),
        *further,
        Finding("search", "The search", about, figure=search_figure(begun)),
        *other_findings(groups, formats, rng),
    ]


def _replayed(group: Group, search: FormatSearch) -> Found:
    """What failed has no share and counts as not right, as it did in the search."""
    results = {key: {problem: group.right[key].get(problem, np.nan) for problem in ended} for key, ended in group.ended.items()}
    return search.replayed(group.key, results, group.ended[search.arms[0]])[0]


def _is_known(group: Group, search: FormatSearch, found: Found, problem: str) -> bool:
    """Whether both formats that were found have an answer to it."""
    arms = [arm for arm in (found.best, found.worst) if arm is not None]
    return all(problem in group.right[search.arms[arm]] for arm in arms)


def _so_far(found: Found) -> str:
    last = found.trace[-1] if found.trace else None
    if last is None:
        return "The search has just begun."
    looked_for = "best" if found.best is None else "worst"
    lowest, highest = (describe(wilson(*seen)) for seen in (last.lowest, last.highest))
    return (
        f"Looking for the {looked_for} format: after {last.evaluations:,} answers the accuracies seen go from {lowest} to "
        f"{highest}, those of formats asked little among them."
    )


def _told(found: Found, value: float, n_formats: int, n: int) -> str:
    return (
        f"Asking for {found.trace[-1].evaluations:,} answers beside the original's, the search ended with two of {n_formats} "
        f"formats that are {points(value)} apart on the {problems(n)} it went by. Formats were asked different problems, so "
        "there is no band of chance for this spread; the held-out problems tell what is left of it."
    )
