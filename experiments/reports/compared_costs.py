"""What accuracy costs: compared conditions as points, with the frontier of those that nothing beats."""

from ..statistics.pareto import frontier
from ..studies.base import Figure, Series
from ..studies.trade_off import frontier_line
from .comparison import ArmResult, Comparison

#: Name -> the axis's words.
COSTS = {"tokens": "tokens per problem", "seconds": "seconds per attempt", "money": "money per attempt"}


def frontier_figure(comparison: Comparison, cost: str) -> Figure:
    """Accuracy with its interval against the mean cost of an attempt; tokens are those of k samples."""
    drawn = [
        Series(
            f"{result.arm.letter}: {result.arm.condition.label}",
            [_cost(result, cost)],
            [result.value.value],
            [result.value.low],
            [result.value.high],
            n=result.value.n,
            lines=False,
            bars=True,
        )
        for result in comparison.results
    ]
    line = frontier_line(drawn)
    return Figure("Accuracy against cost", COSTS[cost], "accuracy", [*drawn, line] if len(line.x) > 1 else drawn)


def on_frontier(comparison: Comparison, cost: str) -> set[str]:
    """Letters of the arms that no other one beats in both."""
    points = {result.arm.letter: (_cost(result, cost), result.value.value) for result in comparison.results}
    best = frontier(points.values())
    return {letter for letter, point in points.items() if point in best}


def _cost(result: ArmResult, cost: str) -> float:
    return {"tokens": result.tokens, "seconds": result.outcomes.seconds, "money": result.outcomes.cost}[cost]
