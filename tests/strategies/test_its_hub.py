"""The same answers as the public library its_hub, when both are fed the same texts, scores and random draws."""

from collections import Counter
from collections.abc import Callable

import pytest
from its_hub.api import AbstractLanguageModel, AbstractOutcomeRewardModel, AbstractProcessRewardModel
from its_hub.core.algorithms import particle_gibbs
from its_hub.core.algorithms.beam_search import BeamSearch
from its_hub.core.algorithms.bon import BestOfN
from its_hub.core.lms.step_generation import StepGeneration

from experiments.domain.seeds import rng
from tests.strategies.desk import QUESTION, Tree, TreeLab, pseudo_score, solve

SEEDS = range(40)


class TheirModel(AbstractLanguageModel):
    """Writes the tree: the n-th time it is asked to go on from a text, the n-th step after it."""

    def __init__(self, tree: Tree):
        self._tree = tree
        self._asked: Counter[str] = Counter()

    async def agenerate(self, messages, stop=None, **_):
        return [self._step(each) for each in messages]

    async def agenerate_single(self, messages, stop=None, **_):
        return self._step(messages)

    def _step(self, messages) -> dict:
        prefix = messages[-1].content if messages[-1].role == "assistant" else ""
        text, _ = self._tree.step(prefix, self._asked[prefix])
        self._asked[prefix] += 1
        return {"role": "assistant", "content": text}


class TheirStepScores(AbstractProcessRewardModel):
    def __init__(self, score: Callable[[str], float]):
        self._score = score

    def score(self, prompt_or_messages, steps):
        return [self._score(each) for each in steps]

    async def ascore(self, prompt_or_messages, steps):
        return self.score(prompt_or_messages, steps)


class TheirScores(AbstractOutcomeRewardModel):
    def score(self, messages, **_):
        return [pseudo_score(conversation[-1].content) for conversation in messages]

    async def ascore(self, messages, orchestrator=None, **_):
        return self.score(messages)


def their_steps() -> StepGeneration:
    return StepGeneration(max_steps=100, step_token="\n\n", stop_token="answer")


PROMPT = QUESTION.messages[0].content


@pytest.mark.parametrize("seed", SEEDS)
async def test_best_of_n(seed):
    tree = Tree(seed, depth=1)
    theirs = await BestOfN(TheirScores()).ainfer(TheirModel(tree), PROMPT, 8)
    outcome = await solve("best_of_n", TreeLab(tree), n=8)
    assert outcome.chosen.whole_text == theirs["content"]


@pytest.mark.parametrize(("n", "width"), [(4, 2), (9, 3), (16, 4)])
@pytest.mark.parametrize("seed", SEEDS)
async def test_beam_search(seed, n, width):
    """Paths of many lengths. Theirs begins with N / M first steps, ours with N: the further ones are scored too low to matter."""
    tree = Tree(seed, depth=4, uneven=True)
    surplus = {tree.step("", place)[0] for place in range(n // width, n)}
    kept = n // width

    def score(text: str) -> float:
        return pseudo_score(text) - (text.split("\n\n")[0] in surplus)

    theirs = await BeamSearch(their_steps(), TheirStepScores(score), kept).ainfer(TheirModel(tree), PROMPT, n)
    lab = TreeLab(tree, score=score)
    outcome = await solve(
        "beam_search", lab, n=n, width=width, finished_paths="compete", choice="highest_score", ends_at_answer=False
    )
    assert outcome.chosen.whole_text == theirs["content"]


@pytest.mark.parametrize("particles", [2, 8])
@pytest.mark.parametrize("seed", SEEDS)
async def test_particle_filtering(seed, particles, monkeypatch):
    tree = Tree(seed, depth=4, uneven=True)
    resampling = rng(seed, "resampling")

    class TheirDraws:
        @staticmethod
        def choices(population, weights, k):
            return [population[i] for i in resampling.choice(len(population), size=k, p=weights)]

    monkeypatch.setattr(particle_gibbs, "random", TheirDraws)
    filtering = particle_gibbs.ParticleFiltering(their_steps(), TheirStepScores(pseudo_score))
    theirs = await filtering.ainfer(TheirModel(tree), PROMPT, particles, return_response_only=False)
    outcome = await solve(
        "particle_filter", TreeLab(tree, seed), particles=particles, scores_are="probabilities", clip=1e-7, ends_at_answer=False
    )
    assert outcome.chosen.whole_text == theirs.the_one["content"]
    assert outcome.trace["finished"] == len({response["content"] for response in theirs.responses})
