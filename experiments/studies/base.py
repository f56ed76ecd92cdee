"""A study is the question asked: it lays out conditions before the run and turns results into findings after it."""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, NamedTuple

import numpy as np

from ..domain.registry import Options, Registry
from ..domain.types import ConditionSpec, Decoding, Plugin
from ..statistics.costs import Cost
from ..statistics.estimates import Estimate
from ..statistics.pools import Pool


@dataclass(frozen=True)
class Series:
    """One line or set of points with its 95% band. All lists have the length of `x`; a missing value is None.

    With `bars` the intervals are drawn at each point and not as a band; `x_low` and `x_high` are then those of `x`.
    """

    name: str
    x: list[float]
    y: list[float | None]
    low: list[float | None] | None = None
    high: list[float | None] | None = None
    n: int = 0
    dashed: bool = False
    markers: bool = True
    lines: bool = True
    bars: bool = False
    x_low: list[float | None] | None = None
    x_high: list[float | None] | None = None


@dataclass(frozen=True)
class Figure:
    """A drawing in words; `reports.figures` turns it into Plotly, a table and CSV rows.

    With `x_labels` or `y_labels` an axis has words: its places are 0, 1, 2 in their order. `x_marks` are upright lines by name.
    `stacked` series are parts of a whole, drawn as bars one upon the other; their intervals are told and not drawn.
    """

    title: str
    x_title: str
    y_title: str
    series: list[Series]
    x_log: bool = False
    y_range: tuple[float, float] | None = (0.0, 1.0)
    x_labels: list[str] | None = None
    y_labels: list[str] | None = None
    x_marks: dict[str, float] = field(default_factory=dict)
    stacked: bool = False


@dataclass(frozen=True)
class HeatMap:
    """A drawing of a table of estimates. `values`, `low` and `high` are lists of rows, one for each of `y_labels`.

    A missing value is None. With `around_zero` the colours tell what lies above from what lies below zero.
    """

    title: str
    x_title: str
    y_title: str
    value_title: str
    x_labels: list[str]
    y_labels: list[str]
    values: list[list[float | None]]
    low: list[list[float | None]] | None = None
    high: list[list[float | None]] | None = None
    n: int = 0
    around_zero: bool = False


@dataclass(frozen=True)
class Finding:
    """One result. `sentence` is plain words for the top of the page; `estimates` the numbers behind it, by name."""

    key: str
    title: str
    sentence: str
    estimates: dict[str, Estimate] = field(default_factory=dict)
    figure: Figure | HeatMap | None = None
    details: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class AttemptOutcome:
    """How one attempt ended. `right` is whether its chosen answer is, None where the choice is left to the selectors.

    `cost` is what its strategy spent, the judges it asked included; `single` that of one text of it, for pools. `judging` is
    what the run's verifiers spent on its answers without the strategy asking, and `judging_by` that by verifier, those that
    scored the run later included. `trace` is the strategy's own.
    """

    problem: str
    repeat: int
    right: bool | None
    n_answers: int
    cost: Cost
    single: Cost
    judging: Cost
    trace: dict[str, Any] = field(default_factory=dict)
    judging_by: dict[str, Cost] = field(default_factory=dict)


@dataclass(frozen=True)
class Setting:
    """What a condition is made of, with what its strategy says about itself."""

    language_model: str
    variant: str
    decoding: Decoding
    strategy: Plugin
    is_pool: bool
    uses_oracle: bool
    n_parameters: int | None = None  # of the language model, where it is known


@dataclass(frozen=True)
class ConditionPools:
    """One condition's complete pools, one per attempt, and how many attempts it will have in the end.

    `outcomes` go with the pools, in their order, and with `setting` are there for studies that ask for them. `ended` are, for
    adaptive studies, the problems that were asked and have ended under the condition, those without a pool included.
    """

    key: str
    label: str
    pools: Sequence[Pool]
    attempts_planned: int
    outcomes: Sequence[AttemptOutcome] = ()
    setting: Setting | None = None
    ended: frozenset[str] = frozenset()


class Ask(NamedTuple):
    """A problem to put to the model under a condition, both by their keys."""

    condition: str
    problem: str


#: Condition -> problem -> the share of its repeats that came out right, NaN where all of them failed. Only what has ended.
Results = Mapping[str, Mapping[str, float]]


class Study(Options):
    """Options are fields. Pure: no database, no clock; randomness comes in as `rng`.

    One that `reads_outcomes` is given what every attempt chose and cost, beside the pools. One that `works_by_condition` has
    the attempts of a condition follow one another, so that a model reads on from prompts that begin alike, and not those of
    a problem. One that `is_adaptive` has nothing laid out beforehand and is asked round by round what it wants next.
    """

    name: ClassVar[str]
    label: ClassVar[str]
    reads_outcomes: ClassVar[bool] = False
    works_by_condition: ClassVar[bool] = False

    @property
    def is_adaptive(self) -> bool:
        return False

    @abstractmethod
    def lay_out(self, language_models: Sequence[str], variants: Sequence[str], decoding: Decoding) -> list[ConditionSpec]:
        """The design's cells. Raises InvalidInput for a design that cannot answer the question."""

    def check_problems(self, n: int) -> None:
        """Raises InvalidInput where so many problems are too few for an answer, with the number that would do."""

    def n_asks(self, n_conditions: int, n_problems: int) -> int:
        """How many pairs of condition and problem a run takes; where that depends on the results, at most."""
        return n_conditions * n_problems

    def allocate(self, results: Results, problems: Sequence[str]) -> list[Ask]:
        """Of an adaptive study: the next round, nothing once it is done. Called when the rounds before have ended.

        Pure: the same results lead to the same round, which is how a run that was killed goes on. `results` has every
        condition in its order.
        """
        return []

    @abstractmethod
    def findings(self, conditions: Sequence[ConditionPools], rng: np.random.Generator) -> list[Finding]:
        """What is known so far, from complete pools only; the headline first. Without data the findings say so."""


studies: Registry[Study] = Registry("study", "experiments.studies")
