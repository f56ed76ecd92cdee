"""The best and the worst format as text side by side, with their differences marked."""

from collections.abc import Sequence

from ..domain.formats.format import Format
from ..domain.formats.grammar import Grammar
from ..domain.formats.rendering import rendered
from ..domain.wording import Change, word_changes
from ..statistics.format_spread import Extremes
from .base import Finding
from .format_spread_formats import FormatList
from .format_spread_groups import Group
from .wording import describe, describe_difference, problems

_CHOICES = ("‹first option›", "‹second option›", "‹third option›", "‹fourth option›")


def extremes_finding(
    group: Group,
    grammar: Grammar,
    formats: FormatList,
    best: str,
    worst: str,
    extremes: Extremes,
    n_picking: int,
) -> Finding:
    """Which they are, and by how much they differ on the problems that did not pick them."""
    sentence = (
        f"{group.prefix}Picked on {problems(n_picking)}, the best is {formats.in_a_sentence(best)} and the worst "
        f"{formats.in_a_sentence(worst)}. On the other {problems(extremes.difference.n)}, which had no say in it, they reach "
        f"{describe(extremes.best_accuracy)} and {describe(extremes.worst_accuracy)}: difference "
        f"{describe_difference(extremes.difference)}."
    )
    estimates = {
        f"{group.prefix}best format, held out": extremes.best_accuracy,
        f"{group.prefix}worst format, held out": extremes.worst_accuracy,
        f"{group.prefix}difference, held out": extremes.difference,
    }
    titles = (f"Best: {formats.name(best)}", f"Worst: {formats.name(worst)}")
    shown = side_by_side(titles, [text_of(grammar, formats.all[key]) for key in (best, worst)])
    return Finding(f"extremes-{group.key}", "Best and worst format", sentence, estimates, details={"side_by_side": shown})


def text_of(grammar: Grammar, format: Format) -> str:
    """A problem in the format, with its slots' names in place of its text."""
    slots = {part.slot: f"‹{part.slot}›" for part in grammar.fields}
    return rendered(grammar, format, slots, _CHOICES[: grammar.most_options])


def side_by_side(titles: Sequence[str], texts: Sequence[str]) -> list[dict]:
    """For each of two texts its title and its stretches, {"text", "differs"}: in those that differ blanks can be seen."""
    changes = word_changes(*texts)
    sides = [[change for change in changes if change.kind in ("same", own)] for own in ("removed", "added")]
    return [
        {"title": title, "stretches": [{"text": _visible(change), "differs": change.kind != "same"} for change in side]}
        for title, side in zip(titles, sides, strict=True)
    ]


def _visible(change: Change) -> str:
    if change.kind == "same":
        return change.text
    return change.text.replace(" ", "␣").replace("\t", "⇥\t").replace("\n", "⏎\n")
