"""Monte Carlo tree search: its formula, a tree worked by hand, and a plain implementation on random trees."""

import math
from collections import Counter

import pytest

from experiments.strategies.mcts import priority
from tests.strategies.desk import DeskLab, Tree, TreeLab, pseudo_score, solve


@pytest.mark.parametrize(("mean", "n_child", "score"), [(0.6, 4, 1.3909), (0.5, 1, 2.4773)])
def test_check_values(mean, n_child, score):
    assert priority(mean, n_child, 10) == pytest.approx(score, abs=5e-5)


class Plain:
    """The same search over dictionaries of texts, as the docstring of the method tells it."""

    def __init__(self, tree: Tree, n: int, simulations: int):
        self._tree, self._n, self._simulations = tree, n, simulations
        self._asked: Counter[str] = Counter()
        self.children: dict[str, list[str]] = {}
        self.ended: set[str] = set()
        self.visits: Counter[str] = Counter()
        self.totals: Counter[str] = Counter()

    def answer(self) -> str:
        text = ""
        while text not in self.ended:
            if text not in self.children:
                self._expand(text)
            for _ in range(self._simulations):
                self._simulate(text)
            text = max(self.children[text], key=lambda child: (self.visits[child], self._mean(child)))
        return text

    def _simulate(self, text: str) -> None:
        way = [text]
        while way[-1] in self.children:
            n = self.visits[way[-1]]
            way.append(
                max(
                    self.children[way[-1]],
                    key=lambda child: (
                        self._mean(child) + (1.25 + math.log((n + 19653) / 19652)) * math.sqrt(n) / (1 + self.visits[child])
                    ),
                )
            )
        if way[-1] not in self.ended:
            self._expand(way[-1])
        for each in way:
            self.visits[each] += 1
            self.totals[each] += pseudo_score(way[-1])

    def _mean(self, text: str) -> float:
        return self.totals[text] / self.visits[text] if self.visits[text] else pseudo_score(text)

    def _expand(self, text: str) -> None:
        prefix = text + "\n\n" if text else ""
        self.children[text] = []
        for _ in range(self._n):
            written, is_last = self._tree.step(prefix, self._asked[prefix])
            self._asked[prefix] += 1
            self.children[text].append(prefix + written)
            self.ended |= {prefix + written} if is_last else set()


@pytest.mark.parametrize("simulations", [1, 5, 12])
@pytest.mark.parametrize("seed", range(20))
async def test_it_finds_the_answer_of_the_plain_implementation(seed, simulations):
    plain = Plain(Tree(seed, depth=4, uneven=True), 3, simulations)
    lab = TreeLab(Tree(seed, depth=4, uneven=True))
    options = {"n": 3, "simulations": simulations, "scores_are": "probabilities", "ends_at_answer": False}
    outcome = await solve("mcts", lab, **options)
    assert outcome.chosen.whole_text == plain.answer()
    assert sorted(sample.whole_text for sample in lab.handed_in) == sorted(plain.ended)
    assert len(lab.drawn) == 3 * len(plain.children)


async def test_equal_steps_are_one_child():
    lab = DeskLab({"answers": ["a\n\nIt is 7.", "b\n\nIt is 6."]}, pseudo_score)
    outcome = await solve("mcts", lab, n=8, simulations=4, scores_are="probabilities")
    assert len(outcome.trace["visits"][0]) == 2
    assert sum(outcome.trace["visits"][0]) == 4


async def test_the_last_move_is_the_answer_and_other_finished_ones_are_handed_in():
    lab = TreeLab(Tree(5, depth=2))
    outcome = await solve("mcts", lab, n=3, simulations=6, scores_are="probabilities")
    assert outcome.chosen in lab.handed_in
    assert outcome.trace["chosen_by"] == "most visited steps"
    assert len(lab.handed_in) > 3


async def test_where_the_budget_ends_the_search_a_finished_answer_is_chosen():
    lab = TreeLab(Tree(5, depth=2))
    outcome = await solve("mcts", lab, n=3, simulations=6, scores_are="probabilities", token_budget=20)
    assert outcome.trace["stopped"] == "token budget spent"
    assert outcome.chosen in lab.handed_in
    assert outcome.trace["chosen_by"] == "highest score"
