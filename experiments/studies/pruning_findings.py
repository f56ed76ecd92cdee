"""What cutting answers off in mid-generation saved."""

from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from ..statistics.intervals import bootstrap_mean
from .base import ConditionPools, Finding
from .wording import describe, problems

COLUMNS = ["strategy", "problem", "begun", "pruned", "finished", "tokens written", "tokens saved (estimate)", "why"]


def pruning_findings(conditions: Sequence[ConditionPools], rng: np.random.Generator) -> list[Finding]:
    """Nothing where no condition prunes."""
    told = [each for each in conditions if each.outcomes and all("pruned" in outcome.trace for outcome in each.outcomes)]
    if not told:
        return []
    sentences, numbers, rows = [], {}, []
    for condition in told:
        by_problem = defaultdict(list)
        for outcome in condition.outcomes:
            trace = outcome.trace
            counts = (len(trace["pruned"]), trace["tokens"], trace["tokens_saved_estimate"])
            by_problem[outcome.problem].append(counts)
            row = (trace["begun"], counts[0], trace["finished"], *counts[1:], trace["stopped"])
            rows.append([condition.label, outcome.problem, *map(str, row)])
        pruned, written, saved = np.array([np.mean(counts, axis=0) for counts in by_problem.values()]).T
        own = {"answers pruned": bootstrap_mean(pruned, rng), "tokens saved (estimate)": bootstrap_mean(saved, rng)}
        numbers |= {f"{condition.label}: {name}": estimate for name, estimate in own.items()}
        share = saved.sum() / max(saved.sum() + written.sum(), 1)
        sentences.append(
            f"{condition.label}: {describe(own['answers pruned'], 1)} answers were pruned per problem, which saved about "
            f"{describe(own['tokens saved (estimate)'], 0)} tokens, {share:.0%} of what would have been written, on "
            f"{problems(len(by_problem))}."
        )
    sentence = (
        f"{' '.join(sentences)} The estimate takes pruned answers to become as long as those of their problem that were kept."
    )
    return [
        Finding("pruning", "Tokens saved by pruning", sentence, numbers, details={"table": {"columns": COLUMNS, "rows": rows}})
    ]
