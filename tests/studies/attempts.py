"""Conditions with outcomes for the findings that read traces; o is a wrong answer, x a right one."""

from collections.abc import Mapping
from typing import Any

from experiments.domain.types import Decoding, Plugin
from experiments.statistics.costs import Cost
from experiments.studies.base import AttemptOutcome, ConditionPools, Setting
from tests.statistics.pools import pool


def setting(strategy: str, uses_oracle: bool = False) -> Setting:
    return Setting("model", "plain", Decoding(), Plugin(strategy, {}), strategy == "pool", uses_oracle)


def outcome(problem: str, right: bool | None, **trace: Any) -> AttemptOutcome:
    return AttemptOutcome(problem, 0, right, 0, Cost(), Cost(), Cost(), trace)


def pool_condition(label: str = "pool", **answers: list[int]) -> ConditionPools:
    """Pools of answers by problem; answer 0 is right."""
    pools = [pool(found, problem=problem) for problem, found in answers.items()]
    outcomes = [outcome(problem, None) for problem in answers]
    return ConditionPools("pool", label, pools, len(pools), outcomes, setting("pool"))


def loop_condition(
    label: str,
    problems: Mapping[str, str],
    strategy: str = "repair",
    cues: str = "hint",
    depth: int = 3,
    uses_oracle: bool = False,
    spent: tuple[int, int] = (0, 0),
) -> ConditionPools:
    """Chains by problem, as in {"a": "oox ox"}. Handed in is the last answer of the last chain; `spent` is (tokens, budget)."""
    pools, outcomes = [], []
    for problem, text in problems.items():
        chains = text.split()
        numbers = iter(range(100))
        # Answers of one round have neighbouring numbers, as they are drawn side by side; hints take numbers in between.
        drawn = {
            (round_, c): 2 * next(numbers) for round_ in range(depth) for c, chain in enumerate(chains) if round_ < len(chain)
        }
        told = [
            {"answers": [drawn[round_, c] for round_ in range(len(chain))], "cues": [cues] * (len(chain) - 1), "stopped": ""}
            for c, chain in enumerate(chains)
        ]
        answers = [0 if chains[c][round_] == "x" else 1 for round_, c in sorted(drawn, key=drawn.get)]
        pools.append(pool(answers, problem=problem))
        right = chains[-1][-1] == "x"
        outcomes.append(outcome(problem, right, chains=told, depth=depth, tokens=spent[0], token_budget=spent[1]))
    return ConditionPools(label, label, pools, len(pools), outcomes, setting(strategy, uses_oracle))
