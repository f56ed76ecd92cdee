"""Thompson sampling over the formats of a study, in terms of its conditions and problems."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np

from ..domain.seeds import rng
from ..statistics.thompson import Found, Pull, Search, replay
from .format_spread_split import Split


@dataclass(frozen=True)
class FormatSearch:
    """`arms` are the formats' keys, the original first. The rest as in `statistics.thompson.Search`."""

    arms: tuple[str, ...]
    split: Split
    budget: int
    pull: int
    at_once: int

    def replayed(
        self, group: str, results: Mapping[str, Mapping[str, float]], problems: Collection[str]
    ) -> tuple[Found, list[tuple[str, str]]]:
        """What is found and the (format, problem) pairs to ask next, none at the end.

        `results` are a group's own: format -> problem -> share right, NaN where it failed; only what has ended. Every group
        draws for itself.
        """
        order = self.split.in_order(problems)

        def known(pull: Pull) -> np.ndarray | None:
            own, wanted = results[self.arms[pull.arm]], order[pull.start : pull.stop]
            return np.array([own[problem] for problem in wanted]) if all(problem in own for problem in wanted) else None

        found, wanted = replay(self._search(len(order)), rng(self.split.seed, "search", group), known)
        return found, [(self.arms[pull.arm], order[place]) for pull in wanted for place in range(pull.start, pull.stop)]

    def most(self, n_problems: int) -> int:
        """Answers that it asks for at most: the budget, the original's, and what the best and the worst still lack."""
        return min(len(self.arms) * n_problems, self.budget + 3 * n_problems)

    def _search(self, n_problems: int) -> Search:
        n_held_out = self.split.n_held_out(n_problems)
        return Search(len(self.arms), n_problems - n_held_out, n_held_out, self.pull, self.budget, self.at_once)
