"""What noise costs: every condition against the one without it, problem by problem."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ..statistics.estimates import Estimate
from ..statistics.intervals import bootstrap_mean
from ..statistics.paired import holm, sign_flip
from ..statistics.pools import Pool
from ..statistics.savings import share_saved
from .base import AttemptOutcome, Finding, HeatMap, Series
from .compared import Compared, Measure, accuracy
from .tested_rows import with_p_values
from .wording import describe, describe_difference, percent, problems

CONTROL = "control"


def prompt_tokens(pool: Pool, outcome: AttemptOutcome) -> float:
    return outcome.single.prompt_tokens


@dataclass(frozen=True)
class Drop:
    """`change` is accuracy with noise less that without, `relative` the share of the clean accuracy that is lost."""

    name: str
    before: Estimate
    after: Estimate
    change: Estimate
    relative: Estimate
    prompt_tokens: Estimate
    p: float

    def sentence(self) -> str:
        lost = "" if self.relative.value is None else f", relative drop {percent(self.relative)}"
        return (
            f"{self.name}: accuracy {self.before.value:.2f} → {self.after.value:.2f} on {problems(self.change.n)}, "
            f"difference {describe_difference(self.change)}{lost}."
        )


def drop(group: Compared, key: str, rng: np.random.Generator) -> Drop | None:
    """None while no problem has ended under both."""
    shared = group.shared(CONTROL, key)
    if not shared:
        return None
    before, after = (group.by_problem(each, shared, accuracy) for each in (CONTROL, key))
    longer = group.by_problem(key, shared, prompt_tokens) - group.by_problem(CONTROL, shared, prompt_tokens)
    return Drop(
        f"{group.prefix}{group.labels[key]}",
        *(bootstrap_mean(values, rng) for values in (before, after, after - before)),
        share_saved(before, after, rng),
        bootstrap_mean(longer, rng),
        sign_flip(after - before, rng),
    )


def drops(groups: Sequence[Compared], rng: np.random.Generator) -> list[Drop]:
    """Of every condition that has begun, in the order of the design."""
    found = [drop(group, key, rng) for group in groups for key in group.begun() if key != CONTROL]
    return [each for each in found if each]


def table(found: Sequence[Drop]) -> dict[str, list]:
    """p of sign-flip tests over problems, then by Holm over all rows."""
    columns = ["condition against its control", "problems", "accuracy", "difference", "relative drop", "prompt tokens"]
    rows = [
        [
            each.name,
            str(each.change.n),
            describe(each.after),
            describe_difference(each.change),
            "–" if each.relative.value is None else percent(each.relative),
            f"{each.prompt_tokens.value:+.1f}".replace("-", "−"),
        ]
        for each in found
    ]
    return with_p_values(columns, rows, [each.p for each in found])


def effects_finding(groups: Sequence[Compared], rng: np.random.Generator) -> Finding:
    found = drops(groups, rng)
    clear = sum(p < 0.05 for p in holm([each.p for each in found]))
    sentence = (
        f"{clear} of {len(found)} conditions differ from their control at the 5% level after correction for being many. The "
        "costliest of many looks costlier than it is: hold it against the corrected p."
    )
    numbers = {f"{each.name}: difference": each.change for each in found}
    return Finding("effects", "Every condition", sentence, numbers, details={"table": table(found)})


def line(group: Compared, name: str, places: Mapping[float, str], measure: Measure, rng: np.random.Generator) -> Series:
    """Means by place on the x axis, of the conditions with these keys, over the problems that all of them share."""
    shared = group.shared(*places.values())
    found = [bootstrap_mean(group.by_problem(key, shared, measure), rng) for key in places.values()]
    columns = ([getattr(each, end) for each in found] for end in ("value", "low", "high"))
    return Series(name, list(map(float, places)), *columns, n=len(shared), bars=True)


def map_finding(groups: Sequence[Compared], keys: Sequence[str], title: str, rows: str, rng: np.random.Generator) -> Finding:
    """Relative drop by condition and by language model and variant."""
    cells = [[drop(group, key, rng) if key in group.conditions else None for group in groups] for key in keys]
    figure = HeatMap(
        title,
        "language model and variant",
        rows,
        "share lost",
        [group.prefix.removesuffix(": ") or "all" for group in groups],
        [groups[0].labels[key] for key in keys],
        *([[getattr(each.relative, end) if each else None for each in row] for row in cells] for end in ("value", "low", "high")),
        n=max((each.change.n for row in cells for each in row if each), default=0),
        around_zero=True,
    )
    return Finding("map", title, "What share of the clean accuracy is lost; below zero it went up.", figure=figure)
