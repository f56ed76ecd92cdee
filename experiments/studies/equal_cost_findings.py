"""What the comparison of strategies says: the headline, and the table of all arms with every cost."""

from collections.abc import Sequence

from ..statistics.costs import AXES
from ..statistics.estimates import Estimate
from .base import Finding
from .equal_cost_arms import Arm, Group, words
from .wording import FEWEST_PAIRS, describe_difference, problems, signed

TITLE = "Strategies at equal cost"
#: Axis -> head of the table's column.
HEADS = {
    "tokens": "tokens",
    "completion_tokens": "completion tokens",
    "samples": "texts",
    "calls": "calls",
    "judging_tokens": "judging tokens",
    "seconds": "seconds",
    "money": "money",
    "flops": "FLOPs",
    "eflops": "eFLOPs",
    "ideal_seconds": "ideal seconds",
    "prefill_tokens": "PTE*",
}
NOTES = (
    "Costs are means per problem, judges and failed calls included. Tokens count a prompt once however many texts share it; "
    "seconds add up over texts written side by side; ideal seconds are those of a machine that serves one text at a time, "
    "fitted to this run's fastest; PTE* is this project's working formula for everything in tokens of a prompt."
)


def nothing_yet() -> Finding:
    sentence = "No problem is finished by the pool and the strategies that have begun, so there is nothing to compare."
    return Finding("headline", TITLE, sentence)


def headline(groups: Sequence[Group]) -> Finding:
    """Which strategy does best against best-of-N that has spent as much, in one sentence for each setting."""
    numbers: dict[str, Estimate] = {}
    sentences = []
    for group in groups:
        prefix = f"{group.label}: " if group.label else ""
        sentences.append(prefix + _headline_of(group))
        for arm in group.ranked:
            numbers[f"{prefix}{arm.label} − {group.reference} at equal {words(group.axis)}"] = arm.compared.difference
    return Finding("headline", TITLE, " ".join(sentences), numbers, details={"comparisons": len(numbers)})


def _headline_of(group: Group) -> str:
    count = problems(len(group.problems))
    ranked = group.ranked
    if not ranked:
        return (
            f"The pool answers {_number(group.arms[0].accuracy)} with a single sample over {count}; no strategy is finished yet."
        )
    clear = [arm for arm in ranked if is_clear(arm)]
    best = ranked[0]
    sentence = (
        f"At equal {words(group.axis)} and against {group.reference}, {best.label} comes out first of {len(ranked)}: "
        f"{describe_difference(best.compared.difference)}, paired over {count}"
    )
    if not clear:
        return f"{sentence}. After correction for {len(ranked)} comparisons none is clearly better or worse."
    told = [f"{arm.label} ({signed(arm.compared.difference.value)})" for arm in clear]
    return f"{sentence}. Clear after correction for {len(ranked)} comparisons: {', '.join(told)}."


def is_clear(arm: Arm) -> bool:
    """A difference that may be claimed: its interval and its corrected p agree, over enough problems."""
    return arm.compared.is_clear() and arm.compared.difference.n >= FEWEST_PAIRS


def verdict(group: Group, arm: Arm) -> str:
    """In words for the table."""
    if arm.uses_oracle:
        return "oracle: not ranked"
    if arm.compared is None:
        return "reference"
    said = "no clear difference"
    if is_clear(arm):
        said = "better" if arm.compared.difference.value > 0 else "worse"
    return f"{said}, but cost more than the whole pool" if group.is_dearer(arm) else said


def table_finding(groups: Sequence[Group]) -> Finding:
    """All arms, those that were ranked first and in order."""
    shown = [axis for axis in AXES if any((arm.costs[axis] or 0) > 0 for group in groups for arm in group.arms)]
    axis = words(groups[0].axis)
    columns = [
        "strategy",
        "accuracy",
        "n",
        f"samples of the pool for as many {axis}",
        f"difference to {groups[0].reference} at equal {axis}",
        "p, corrected",
        "verdict",
        *(HEADS[each] for each in shown),
    ]
    rows = [_row(group, arm, shown) for group in groups for arm in _ordered(group)]
    sentence = (
        f"Every strategy against {groups[0].reference}, read where the pool has cost as many {axis}. Intervals are 95%, from "
        "resampling problems, each for itself; the p are of sign flips, corrected by Holm's method within a setting, and decide "
        f"with the interval what counts as clear. What uses an oracle is not ranked. {NOTES}"
    )
    if left_out := sum(group.n_left_out for group in groups):
        sentence += f" {problems(left_out)} not finished by all strategies left out."
    numbers = {_named(group, arm): arm.accuracy for group in groups for arm in group.arms}
    return Finding(
        "table", "Strategies and what they cost", sentence, numbers, details={"table": {"columns": columns, "rows": rows}}
    )


def _ordered(group: Group) -> list[Arm]:
    ranked = group.ranked
    rest = [arm for arm in group.arms if arm.compared is None]
    return [*ranked, *(arm for arm in rest if not arm.uses_oracle), *(arm for arm in rest if arm.uses_oracle)]


def _row(group: Group, arm: Arm, shown: Sequence[str]) -> list[str]:
    compared = arm.compared
    against = ["–", "–", "–"]
    if compared:
        against = [_samples(group, arm), _interval(compared.difference, signed), f"{compared.adjusted_p:.3f}"]
    costs = ["–" if arm.costs[axis] is None else amount(arm.costs[axis]) for axis in shown]
    accuracy = _interval(arm.accuracy, lambda value: f"{value:.2f}")
    return [_named(group, arm), accuracy, str(arm.accuracy.n), *against, verdict(group, arm), *costs]


def _samples(group: Group, arm: Arm) -> str:
    """The reference's at equal cost, or on which side of what it drew they would lie."""
    if arm.k < 0.999:
        return "under 1"
    return f"over {group.pool.n}" if group.is_dearer(arm) else f"{arm.k:.1f}"


def _named(group: Group, arm: Arm) -> str:
    return f"{arm.label} [{group.label}]" if group.label and group.label not in arm.label else arm.label


def _interval(estimate: Estimate, shown) -> str:
    interval = "" if estimate.low is None else f" [{shown(estimate.low)}, {shown(estimate.high)}]"
    return f"{shown(estimate.value)}{interval}"


def _number(estimate: Estimate) -> str:
    return _interval(estimate, lambda value: f"{value:.2f}")


def amount(value: float) -> str:
    """Three digits: 12.3, 1,230, 4.56e+12."""
    if value == 0 or 0.01 <= abs(value) < 1e6:
        return f"{value:,.0f}" if abs(value) >= 100 or value == 0 else f"{value:.3g}"
    return f"{value:.2e}"
