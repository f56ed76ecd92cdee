"""Which problems pick the best and the worst format, and which measure them."""

from collections.abc import Iterable
from dataclasses import dataclass

from ..domain.seeds import derive_seed


@dataclass(frozen=True)
class Split:
    """An order of the problems that follows from their keys; the last `held_out` of them, a share, are for measuring."""

    seed: int
    held_out: float

    def in_order(self, problems: Iterable[str]) -> list[str]:
        return sorted(problems, key=lambda problem: (derive_seed(self.seed, "order of problems", problem), problem))

    def n_held_out(self, n: int) -> int:
        return round(n * self.held_out)

    def halves(self, problems: Iterable[str]) -> tuple[list[str], list[str]]:
        """(those that pick, those that measure)."""
        order = self.in_order(problems)
        n_picking = len(order) - self.n_held_out(len(order))
        return order[:n_picking], order[n_picking:]
