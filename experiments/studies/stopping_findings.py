"""What stopping early saved, and what it cost against as many samples for every problem."""

from collections.abc import Sequence

import numpy as np

from ..statistics.curves import selector_curves
from ..statistics.equal_cost import curve_at
from ..statistics.estimates import Estimate
from ..statistics.intervals import bootstrap_mean
from .base import ConditionPools, Figure, Finding, Series
from .stopped import Stopped, is_adaptive
from .wording import describe, describe_difference, problems

#: Problems that the table names, those that stopped first.
MOST_ROWS = 200


def stopping_findings(conditions: Sequence[ConditionPools], rng: np.random.Generator) -> list[Finding]:
    """Nothing where no condition has a strategy that stops early and has ended on some problem."""
    told = [Stopped.of(condition) for condition in conditions if is_adaptive(condition)]
    if not told:
        return []
    sentences, numbers = [], {}
    for stopped in told:
        own = _numbers(stopped, rng)
        fixed = _against_fixed(stopped, conditions, rng)
        sentences.append(f"{stopped.label}: {_in_words(stopped, own, fixed)}")
        numbers |= {f"{stopped.label}: {name}": estimate for name, estimate in (own | fixed).items()}
    figure = Figure(
        "When drawing stopped", "samples drawn", "share of attempts stopped by then", [_by_count(stopped) for stopped in told]
    )
    sentence = f"{' '.join(sentences)} 95% intervals over problems."
    return [Finding("stopping", "Samples saved by stopping early", sentence, numbers, figure, {"table": _table(told)})]


def _numbers(stopped: Stopped, rng: np.random.Generator) -> dict[str, Estimate]:
    numbers = {"samples drawn": bootstrap_mean(stopped.drawn, rng), "stopped early": bootstrap_mean(stopped.early, rng)}
    if stopped.corrected is not None:
        numbers |= {
            "mean@1, corrected for stopping": bootstrap_mean(stopped.corrected, rng),
            "share of right samples as drawn": bootstrap_mean(stopped.single, rng),
        }
    return numbers


def _against_fixed(stopped: Stopped, conditions: Sequence[ConditionPools], rng: np.random.Generator) -> dict[str, Estimate]:
    """The answers handed in against those of a pool of as many samples for every problem, if there is one of the setting."""
    reference = next((each for each in conditions if _is_reference(each, stopped)), None)
    if reference is None:
        return {}
    shared = sorted(set(stopped.problems) & {pool.problem for pool in reference.pools})
    pools = [pool for pool in reference.pools if pool.problem in shared]
    if not pools:
        return {}
    scored = [name for name in stopped.outcomes[0].trace.get("verifiers", ()) if all(_is_scored(pool, name) for pool in pools)]
    selector, verifier = ("best", scored[0]) if scored else ("majority", None)
    ks = tuple(range(1, min(stopped.n_max, *(pool.n for pool in pools)) + 1))
    curves = selector_curves(pools, ks, verifier, 0, (selector,))
    k = float(stopped.drawn.mean())
    fixed = curve_at(curves.values[selector], ks, k)
    mine = stopped.right[np.isin(stopped.problems, shared)]
    words = f"best by {verifier.replace('_', ' ')}" if verifier else "majority"
    return {f"answer handed in − {words} of {k:.1f} samples each": bootstrap_mean(mine - fixed, rng)}


def _is_reference(condition: ConditionPools, stopped: Stopped) -> bool:
    mine, other = stopped.setting, condition.setting
    return (
        bool(condition.pools)
        and other.strategy.name == "pool"
        and ((other.language_model, other.variant, other.decoding) == (mine.language_model, mine.variant, mine.decoding))
    )


def _is_scored(pool, verifier: str) -> bool:
    return verifier in pool.scores and bool(np.isfinite(pool.scores[verifier]).any())


def _in_words(stopped: Stopped, own: dict[str, Estimate], fixed: dict[str, Estimate]) -> str:
    saved = 1 - own["samples drawn"].value / stopped.n_max
    n_early = sum(outcome.trace["saved"] > 0 for outcome in stopped.outcomes)
    told = [
        f"{n_early} of {len(stopped.outcomes)} attempts stopped early; {describe(own['samples drawn'], 1)} of {stopped.n_max} "
        f"samples were drawn on average, {saved:.0%} saved, on {problems(len(stopped.problems))}."
    ]
    risks = [outcome.trace["risk"] for outcome in stopped.outcomes if "risk" in outcome.trace and outcome.trace["saved"]]
    if risks:
        told.append(f"At the stop, another answer was the more probable one with a chance of {np.mean(risks):.3f} on average.")
    told += [f"{name[0].upper()}{name[1:]}: {describe_difference(difference)}." for name, difference in fixed.items()]
    if stopped.corrected is not None:
        told.append(
            f"A single sample answers {describe(own['mean@1, corrected for stopping'])}, corrected for when drawing stopped; the "
            f"plain share among the samples drawn, {own['share of right samples as drawn'].value:.2f}, is biased."
        )
    return " ".join(told)


def _by_count(stopped: Stopped) -> Series:
    """The share of attempts that had stopped by each number of samples."""
    drawn = np.array([outcome.trace["drawn"] for outcome in stopped.outcomes])
    x = list(range(1, stopped.n_max + 1))
    return Series(stopped.label, list(map(float, x)), [float((drawn <= each).mean()) for each in x], n=len(drawn))


def _table(told: Sequence[Stopped]) -> dict[str, list]:
    """Which problems stopped when, the earliest first."""
    rows = [
        [stopped.label, outcome.problem, str(trace["drawn"]), str(trace["saved"]), trace["stopped"], _risk(trace)]
        for stopped in told
        for outcome in sorted(stopped.outcomes, key=lambda outcome: outcome.trace["drawn"])
        for trace in [outcome.trace]
    ]
    return {"columns": ["strategy", "problem", "drawn", "saved", "why it stopped", "error risk"], "rows": rows[:MOST_ROWS]}


def _risk(trace: dict) -> str:
    return f"{trace['risk']:.3f}" if "risk" in trace else "–"
