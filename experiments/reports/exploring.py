"""A run's pools looked at from any side: any k, selectors, cost and part of the problems, answered at once."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from threading import Lock

import numpy as np

from ..domain.errors import InvalidInput, UnknownName
from ..domain.seeds import derive_seed, rng
from ..models import Run, Scoring
from ..statistics.costs import AXES
from ..statistics.curves import Curves, selector_curves
from ..statistics.equal_cost import cost_at_k
from ..statistics.estimates import Estimate
from ..statistics.intervals import bootstrap_bands, estimates
from ..statistics.pools import offered
from ..statistics.selectors.family import SELECTORS, applicable
from ..studies.base import AttemptOutcome, ConditionPools
from .outcomes import OutcomeStore
from .pools import PoolStore
from .problem_groups import ALL, ProblemGroup, metadata_of, problem_groups

#: What the x axis can show, of AXES those that a pool has whatever the machine: unit -> (short name, title of the axis).
UNITS = {
    "samples": ("samples", "samples per problem (k)"),
    "tokens": ("tokens", AXES["tokens"]),
    "seconds": ("seconds", AXES["seconds"]),
    "ideal_seconds": ("idealized seconds", AXES["ideal_seconds"]),
    "money": ("money", AXES["money"]),
    "flops": ("FLOPs", AXES["flops"]),
    "prefill_tokens": ("PTE*", AXES["prefill_tokens"]),
}
USUAL_SELECTORS = ("oracle", "majority", "best", "mean")
_MOST_CONDITIONS_AT_FIRST = 4
_NO_SELECTION = "mean"


@dataclass(frozen=True)
class OfferedSelector:
    """A selector, with one of the run's verifiers where it ranks by one: "best:mean_logprob"."""

    name: str
    label: str
    selector: str
    verifier: str

    @property
    def is_oracle(self) -> bool:
        return "oracle" in self.label


@dataclass(frozen=True)
class ExploreState:
    """What is looked at, all by name; the whole of it stands in the page's address."""

    conditions: tuple[str, ...]
    selectors: tuple[str, ...]
    baseline: str
    x: str
    k: int
    problems: str


@dataclass(frozen=True)
class ExploredCurve:
    """One selector under one condition: an estimate of its accuracy and its cost for every k.

    `difference` is accuracy at the state's k minus the baseline's, paired by problem; None for the baseline itself and where
    the condition's pools have fewer than k samples.
    """

    condition: str
    label: str
    selector: OfferedSelector
    ks: tuple[int, ...]
    accuracy: list[Estimate]
    cost: list[Estimate]
    difference: Estimate | None

    def at(self, k: int) -> tuple[Estimate, Estimate] | None:
        """(accuracy, cost) at one k, None where that many were not drawn."""
        return (self.accuracy[self.ks.index(k)], self.cost[self.ks.index(k)]) if k in self.ks else None


@dataclass(frozen=True)
class Explored:
    """`curves` come by condition, then in the order of the family; `x_title` is what their costs are in."""

    state: ExploreState
    x_title: str
    group: ProblemGroup
    curves: list[ExploredCurve]


class Explorer:
    """One run's pools with what was computed of them so far. Hand in the run anew at every question: a live one grows."""

    def __init__(self, run: Run):
        self._seed = run.seed
        self._load(run)
        self._metadata = metadata_of(run)
        self._conditions: dict[str, ConditionPools] = {}
        self._seen: tuple[int, int] | None = None
        self._lock = Lock()

    def update(self, run: Run) -> None:
        """Take in the attempts that were completed since the last call."""
        with self._lock:
            # The revision tells of everything but an attempt that ended since the findings were last refreshed.
            seen = (run.revision, run.n_attempts_done)
            if seen != self._seen:
                if _times_scored(run) != self._times_scored:
                    self._load(run)  # scores were added to pools that are known
                self._pools.update()
                self._look_again(self._outcomes.beside(self._pools.condition_pools()))
                self._seen = seen

    def _load(self, run: Run) -> None:
        self._pools = PoolStore(run)
        self._outcomes = OutcomeStore(run)
        self._verifiers = run.verifier_keys
        self._times_scored = _times_scored(run)

    @property
    def n_samples(self) -> int:
        """For whoever bounds memory."""
        return sum(pool.n for condition in self._conditions.values() for pool in condition.pools)

    def _look_again(self, conditions: Sequence[ConditionPools]) -> None:
        is_pool = [each for each in conditions if each.pools and each.setting.is_pool]
        pools = [pool for condition in is_pool for pool in condition.pools]
        self._conditions = {condition.key: condition for condition in is_pool}
        self._curves: dict[tuple[str, str], Curves] = {}
        self._costs: dict[tuple[str, str, str], np.ndarray] = {}
        self._by_problem = {key: _by_problem(condition.outcomes) for key, condition in self._conditions.items()}
        self.conditions = {condition.key: condition.label for condition in is_pool}
        self.selectors = {each.name: each for each in self._offered_selectors()}
        self.units = {unit: name for unit, (name, _) in UNITS.items() if self._is_known(unit)}
        self.ks = points(max((pool.n for pool in pools), default=0))
        self.groups = {group.name: group for group in problem_groups(pools, self._scored_by(), self._metadata)} if pools else {}

    def _offered_selectors(self) -> list[OfferedSelector]:
        """Those that the pools of every condition have enough for."""
        found = {}
        for verifier in [*self._verifiers, ""]:
            sets = [set(applicable(offered(each.pools, verifier))) for each in self._conditions.values()]
            for name in sorted(set.intersection(*sets)) if sets else ():
                ranks = "{verifier}" in SELECTORS[name].label
                if ranks == bool(verifier):
                    label = SELECTORS[name].name_with(verifier)
                    found[name, verifier] = OfferedSelector(f"{name}:{verifier}" if ranks else name, label, name, verifier)
        order = list(SELECTORS)
        return [found[key] for key in sorted(found, key=lambda key: (order.index(key[0]), key[1]))]

    def _scored_by(self) -> list[str]:
        return [
            verifier
            for verifier in self._verifiers
            if all("scores" in offered(condition.pools, verifier) for condition in self._conditions.values())
        ]

    def _is_known(self, unit: str) -> bool:
        """Whether every attempt has a cost in the unit and some have any."""
        costs = [getattr(each.single, unit) for condition in self._conditions.values() for each in condition.outcomes]
        return None not in costs and any(costs)

    @property
    def is_empty(self) -> bool:
        """Whether there is no complete pool to look at."""
        return not self._conditions

    def usual(self) -> ExploreState:
        """What is shown before anybody chose, once there is anything."""
        usual = [each.name for each in self.selectors.values() if each.selector in USUAL_SELECTORS]
        return ExploreState(
            conditions=tuple(self.conditions)[:_MOST_CONDITIONS_AT_FIRST],
            selectors=tuple(usual),
            baseline=_NO_SELECTION,
            x="samples",
            k=self.ks[-1],
            problems=ALL,
        )

    def explore(self, state: ExploreState) -> Explored:
        """Every chosen curve with its intervals. Equal states give equal numbers. Raises InvalidInput for what is not offered."""
        self._check(state)
        with self._lock:
            curves = [curve for key in self.conditions if key in state.conditions for curve in self._explore(key, state)]
        return Explored(state, UNITS[state.x][1], self.groups[state.problems], curves)

    def _check(self, state: ExploreState) -> None:
        for noun, chosen, known in (
            ("condition", state.conditions, self.conditions),
            ("selector", (*state.selectors, state.baseline), self.selectors),
            ("x axis", (state.x,), self.units),
            ("group of problems", (state.problems,), self.groups),
        ):
            for name in chosen:
                if name not in known:
                    raise UnknownName(noun, name, list(known))
        if state.k not in self.ks:
            raise InvalidInput(f"k must be one of {', '.join(map(str, self.ks))}; {state.k} is not.")

    def _explore(self, key: str, state: ExploreState) -> list[ExploredCurve]:
        chosen = [each for name, each in self.selectors.items() if name in state.selectors]
        ks = self._ks_of(key)
        problems = self._curves_of(key, self.selectors[state.baseline]).problems
        rows = np.array([problem in self.groups[state.problems].problems for problem in problems])
        if not rows.any():
            return []
        columns = [self._curves_of(key, each).values[each.selector][rows] for each in chosen]
        columns += [self._costs_of(key, state.x, each)[rows] for each in chosen]
        if state.k in ks:
            baseline = self._curves_of(key, self.selectors[state.baseline]).at(self.selectors[state.baseline].selector, state.k)
            at_k = [self._curves_of(key, each).at(each.selector, state.k) for each in chosen]
            columns += [(each - baseline)[rows, None] for each in at_k]
        # The same resampled problems whatever is looked at, so that moving a slider moves no interval by chance.
        found = estimates(bootstrap_bands(np.hstack(columns), rng(self._seed, "explore", "bands")))
        n, width = len(chosen), len(ks)
        differences = found[2 * n * width :] or [None] * n
        return [
            ExploredCurve(
                condition=key,
                label=self.conditions[key],
                selector=each,
                ks=ks,
                accuracy=found[i * width : (i + 1) * width],
                cost=found[(n + i) * width : (n + i + 1) * width],
                difference=None if each.name == state.baseline else differences[i],
            )
            for i, each in enumerate(chosen)
        ]

    def _ks_of(self, key: str) -> tuple[int, ...]:
        smallest = min(pool.n for pool in self._conditions[key].pools)
        return tuple(k for k in self.ks if k <= smallest)

    def _curves_of(self, key: str, each: OfferedSelector) -> Curves:
        if (key, each.name) not in self._curves:
            seed = derive_seed(self._seed, "explore", "subsets")
            pools = self._conditions[key].pools
            self._curves[key, each.name] = selector_curves(pools, self._ks_of(key), each.verifier, seed, [each.selector])
        return self._curves[key, each.name]

    def _costs_of(self, key: str, unit: str, each: OfferedSelector) -> np.ndarray:
        """(problems, ks) cost of drawing k; a selector that ranks by a verifier pays for what that one asked."""
        place = (key, unit, each.verifier)
        if place not in self._costs:
            ks, problems = self._ks_of(key), self._curves_of(key, each).problems
            self._costs[place] = np.stack([self._cost_of(key, unit, problem, ks, each.verifier) for problem in problems])
        return self._costs[place]

    def _cost_of(self, key: str, unit: str, problem: str, ks: tuple[int, ...], verifier: str) -> np.ndarray:
        """(ks,) mean over the problem's repeats."""
        if unit == "samples":
            return np.array(ks, dtype=float)
        rows = [_cost_of(outcome, unit, ks, verifier) for outcome in self._by_problem[key][problem]]
        return np.mean(rows, axis=0)


def _times_scored(run: Run) -> int:
    """How many further verifiers have scored it to the end."""
    return run.scorings.filter(state=Scoring.State.COMPLETED).count()


def points(n: int) -> tuple[int, ...]:
    """Every k up to 8, then four to the octave, and always n."""
    octaves = (8 * 2**i * part // 4 for i in range(max(n, 8).bit_length()) for part in (5, 6, 7, 8))
    return tuple(sorted({*range(1, min(n, 8) + 1), *(k for k in octaves if k <= n), *([n] if n else [])}))


def _cost_of(outcome: AttemptOutcome, unit: str, ks: tuple[int, ...], verifier: str) -> list[float]:
    """Of drawing k samples of one pool: the prompt is paid once where it was shared, the verifier's judges by the sample."""
    n = int(outcome.cost.samples)
    ends = (getattr(outcome.single, unit), getattr(outcome.cost, unit), n)
    judging = getattr(outcome.judging_by[verifier], unit) / n if verifier in outcome.judging_by else 0.0
    return [cost_at_k(k, *ends) + k * judging for k in ks]


def _by_problem(outcomes: Sequence[AttemptOutcome]) -> dict[str, list[AttemptOutcome]]:
    found = defaultdict(list)
    for outcome in outcomes:
        found[outcome.problem].append(outcome)
    return found
