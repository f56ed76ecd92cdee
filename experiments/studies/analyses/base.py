"""An analysis reads one more finding out of the pools that were drawn anyway; registering it is all it takes to be run."""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, ClassVar

import numpy as np

from ...domain import seeds
from ...domain.registry import Options, Registry
from ...statistics.curves import Curves, selector_curves
from ...statistics.estimates import Estimate
from ...statistics.intervals import Bands
from ...statistics.pools import Pool, offered
from ...statistics.selectors.family import SELECTORS
from ..base import Figure, Finding, Series

#: What an analysis can need, in words for those who lack it.
NEEDS = {
    "scores": "scores by the study's verifier",
    "weights": "scores between 0 and 1 by the study's verifier",
    "logprobs": "log-probabilities of the texts",
    "lengths": "the lengths of the texts",
    "texts": "the texts",
    "endings": "which texts were cut off",
    "second_grader": "a second grader's verdict on every sample",
    "several_samples": "more than one sample per problem",
    "difficulty": "another condition, which tells how hard a problem is",
}


@dataclass(frozen=True, eq=False)
class Examined:
    """One condition's pools, at least one, with the study's values of k and verifier.

    `prefix` starts what is said of the condition: "label: ", or nothing where it is the only one. `difficulty` is, by problem,
    the share of wrong samples under the other conditions, for problems that have ended under one.
    """

    key: str
    prefix: str
    pools: Sequence[Pool]
    ks: tuple[int, ...]
    verifier: str
    seed: int
    difficulty: Mapping[str, float] = field(default_factory=dict)

    @property
    def n(self) -> int:
        """The largest k."""
        return self.ks[-1]

    @property
    def verifier_in_words(self) -> str:
        return self.verifier.replace("_", " ")

    @cached_property
    def offers(self) -> frozenset[str]:
        found = offered(self.pools, self.verifier)
        further = {"several_samples": self.n > 1, "difficulty": bool(self.difficulty)}
        return found | {name for name, is_there in further.items() if is_there}

    @cached_property
    def problems(self) -> tuple[str, ...]:
        return self.curves("mean").problems

    @cached_property
    def tokens(self) -> np.ndarray:
        """(problems,) mean tokens of one sample."""
        return self.by_problem(np.array([pool.tokens.mean() for pool in self.pools]))

    def curves(self, *selectors: str) -> Curves:
        """(problems, len(ks)) by selector; measured once however many analyses ask."""
        return selector_curves(self.pools, self.ks, self.verifier, self.seed, selectors)

    def name_of(self, selector: str) -> str:
        return SELECTORS[selector].name_with(self.verifier)

    def by_problem(self, values: np.ndarray) -> np.ndarray:
        """(problems, ...) means over the repeats of a problem, from one row per pool; a NaN row is no repeat."""
        _, row = np.unique([pool.problem for pool in self.pools], return_inverse=True)
        known = ~np.isnan(values).reshape(len(values), -1).any(axis=1)
        sums = np.zeros((row.max() + 1, *values.shape[1:]))
        np.add.at(sums, row[known], values[known])
        n = np.bincount(row[known], minlength=len(sums)).astype(float).reshape(-1, *[1] * (values.ndim - 1))
        return np.divide(sums, n, out=np.full_like(sums, np.nan), where=n > 0)


@dataclass(frozen=True)
class Part:
    """What an analysis has to say about one condition; names and series get the condition's prefix."""

    sentence: str
    estimates: dict[str, Estimate] = field(default_factory=dict)
    series: list[Series] = field(default_factory=list)
    details: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Axes:
    """The frame of an analysis's figure."""

    title: str
    x: str
    y: str
    x_log: bool = False
    y_range: tuple[float, float] | None = (0.0, 1.0)


class Analysis(Options):
    """Options are fields. Pure, as studies are. `needs` are words of `NEEDS`; without them `look` is not called."""

    name: ClassVar[str]
    label: ClassVar[str]
    needs: ClassVar[frozenset[str]] = frozenset()
    axes: ClassVar[Axes]

    @abstractmethod
    def look(self, examined: Examined, rng: np.random.Generator) -> Part:
        """What one condition's pools say. What cannot be said of them is a sentence, never an error."""

    def missing(self, conditions: Sequence[Examined]) -> list[str]:
        """What it needs and no condition has, in words."""
        lacking = [self.needs - examined.offers for examined in conditions]
        return sorted(NEEDS[need] for need in frozenset.intersection(*lacking))

    def finding(self, conditions: Sequence[Examined]) -> Finding:
        """All conditions together. The same pools give the same finding, whichever other analyses are run."""
        sentences, estimates, series, details = [], {}, [], {}
        for examined in conditions:
            if lacking := self.missing([examined]):
                sentences.append(f"{examined.prefix}Not computed: it needs {' and '.join(lacking)}.")
                continue
            part = self.look(examined, seeds.rng(examined.seed, self.name, examined.key))
            sentences.append(examined.prefix + part.sentence)
            estimates |= {examined.prefix + name: estimate for name, estimate in part.estimates.items()}
            series += [_named(each, examined.prefix) for each in part.series]
            if part.details:
                details[examined.key] = part.details
        figure = Figure(self.axes.title, self.axes.x, self.axes.y, series, self.axes.x_log, self.axes.y_range) if series else None
        return Finding(self.name, self.label, " ".join(sentences), estimates, figure, details)


def difficulties(conditions: Sequence[Sequence[Pool]]) -> list[dict[str, float]]:
    """For each condition's pools: problem -> the share of wrong samples under the others, which count alike."""
    wrong = []
    for pools in conditions:
        shares: dict[str, list[float]] = {}
        for pool in pools:
            shares.setdefault(pool.problem, []).append(1 - pool.correct.mean())
        wrong.append({problem: float(np.mean(each)) for problem, each in shares.items()})
    found = []
    for own in range(len(wrong)):
        others = wrong[:own] + wrong[own + 1 :]
        known = sorted(set().union(*others))
        found.append({each: float(np.mean([other[each] for other in others if each in other])) for each in known})
    return found


def _named(series: Series, prefix: str) -> Series:
    return Series(**{**vars(series), "name": prefix + series.name})


def banded(name: str, x: Sequence[float], bands: Bands, **drawn) -> Series:
    """A line through the means with its band, or points with their intervals where `drawn` says bars=True. NaN is a gap."""
    mean, low, high, n = bands
    ends = {} if low is None or high is None else {"low": _or_none(low), "high": _or_none(high)}
    return Series(name, list(map(float, x)), _or_none(mean), n=n, **ends, **drawn)


def _or_none(values: np.ndarray) -> list[float | None]:
    return [None if np.isnan(value) else value for value in values.tolist()]


analyses: Registry[Analysis] = Registry("analysis", "experiments.studies.analyses")
