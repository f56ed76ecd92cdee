"""Loops of refinement as their attempts tell of them: chains of verdicts, and what was said between the answers."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from ..statistics.pools import Pool
from .base import AttemptOutcome, ConditionPools, Setting


class Step(NamedTuple):
    """From one answer to the next."""

    cue: str
    was_right: bool
    is_right: bool


@dataclass(frozen=True, eq=False)
class Loop:
    """One condition whose strategy is a loop. Problems are in the order of their keys, repeats together.

    width, planned_depth: chains, and answers per chain where nothing stops it before; chains: problem -> verdicts of each chain;
    steps: problem -> all steps of its chains; right: (problems,) accuracy of what was handed in; spent: (problems,) tokens as a
    multiple of the budget, None where there is none.
    """

    label: str
    setting: Setting
    width: int
    planned_depth: int
    chains: dict[str, list[list[bool]]]
    steps: dict[str, list[Step]]
    right: np.ndarray
    spent: np.ndarray | None

    @classmethod
    def of(cls, condition: ConditionPools) -> "Loop":
        chains, steps, right, spent = defaultdict(list), defaultdict(list), defaultdict(list), defaultdict(list)
        for pool, outcome in zip(condition.pools, condition.outcomes, strict=True):
            verdicts = chains_of(outcome, pool)
            chains[outcome.problem] += verdicts
            for told, chain in zip(outcome.trace["chains"], verdicts, strict=True):
                steps[outcome.problem] += map(Step, told["cues"], chain, chain[1:])
            right[outcome.problem].append(float(bool(outcome.right)))
            if outcome.trace["token_budget"]:
                spent[outcome.problem].append(outcome.trace["tokens"] / outcome.trace["token_budget"])
        keys = sorted(chains)
        told = condition.outcomes[0].trace
        return cls(
            condition.label,
            condition.setting,
            len(told["chains"]),
            told["depth"],
            {key: chains[key] for key in keys},
            {key: steps[key] for key in keys},
            np.array([np.mean(right[key]) for key in keys]),
            np.array([np.mean(spent[key]) for key in keys]) if spent else None,
        )

    @property
    def budget(self) -> int:
        """Answers per attempt, where nothing stops it before."""
        return self.width * self.planned_depth

    @property
    def depth(self) -> int:
        """Answers per chain, the most there were."""
        return max(len(chain) for chains in self.chains.values() for chain in chains)


def is_loop(condition: ConditionPools) -> bool:
    return bool(condition.outcomes) and all({"chains", "depth"} <= outcome.trace.keys() for outcome in condition.outcomes)


def chains_of(outcome: AttemptOutcome, pool: Pool) -> list[list[bool]]:
    """Verdicts by chain. The trace names answers by their number in the attempt; the pool has them in that order.

    An answer that a final call wrote is the last of the pool and belongs to no chain.
    """
    chains: Sequence[dict] = outcome.trace["chains"]
    place = {number: place for place, number in enumerate(sorted(number for chain in chains for number in chain["answers"]))}
    return [[bool(pool.correct[place[number]]) for number in chain["answers"]] for chain in chains]
