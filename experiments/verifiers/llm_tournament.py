"""A language model compares texts two at a time."""

import asyncio
import re
from collections.abc import Sequence
from typing import Literal

import numpy as np
from pydantic import Field

from ..domain.seeds import rng
from ..domain.types import Message, Question, Sample
from ..statistics.bradley_terry import log_strengths
from .base import PoolVerifier, VerifierLab, verifiers
from .judges import WrittenJudge, filled_in, task_of

_BETTER = re.compile(r"better[\s:=*]{0,5}([12])\b", re.IGNORECASE)


@verifiers.register("llm_tournament", label="LLM judge, two texts against each other")
class LLMTournament(WrittenJudge, PoolVerifier):
    """A language model reads the problem and two texts, without the target, and says which is better, by number.

    Every pair is shown in both orders. The score is the share of its games that a text won, or its strength in the
    Bradley-Terry model (1952). A game whose answer names neither is counted and left out; a text without any has no score.
    Judging in pairs, and the preference for a place, are described in Judging LLM-as-a-Judge with MT-Bench and Chatbot
    Arena, 2023.

    Costs two calls for each pair and judgement, each of which reads both texts: with all pairs of N texts N (N - 1) calls, so
    limit the opponents. Judges often prefer the text shown first: how often is shown beside the scores, one half would be
    fair. A judge that always names the first gives every text the same share.
    """

    opponents: int = Field(
        4, ge=2, le=1000, multiple_of=2, title="Opponents", description="Each text meets so many others, an even number"
    )
    scale: Literal["wins", "bradley_terry"] = Field("wins", title="Score", description="Share of games won, or log strength")

    async def score_pool(self, question: Question, samples: Sequence[Sample], lab: VerifierLab) -> list[float | None]:
        pairs = self._pairs(samples, lab)
        games = [(i, j) for pair in pairs for i, j in (pair, pair[::-1])]
        said = await asyncio.gather(*(self._compare(question, samples[i], samples[j], lab) for i, j in games))
        wins = np.zeros((len(samples), len(samples)))
        for (i, j), judgements in zip(games, said, strict=True):
            wins[i, j] += judgements.count(1)
            wins[j, i] += judgements.count(2)
        self._note(samples, games, said, lab)
        played = (wins + wins.T).sum(axis=1)
        scores = log_strengths(wins) if self.scale == "bradley_terry" else wins.sum(axis=1) / np.where(played, played, 1)
        return [float(score) if n else None for score, n in zip(scores, played, strict=True)]

    def _pairs(self, samples: Sequence[Sample], lab: VerifierLab) -> list[tuple[int, int]]:
        """Each on a circle in random order meets its nearest neighbours; every pair once."""
        n = len(samples)
        names = [part for sample in samples for part in sample.key]
        circle = rng(lab.seed, "tournament", *names).permutation(n).tolist()
        met = {
            tuple(sorted((circle[place], circle[(place + step) % n])))
            for place in range(n)
            for step in range(1, min(self.opponents // 2, n // 2) + 1)
        }
        return sorted(pair for pair in met if pair[0] != pair[1])

    async def _compare(self, question: Question, first: Sample, second: Sample, lab: VerifierLab) -> list[int | None]:
        """1 or 2 for each judgement, None where it names neither."""
        prompt = filled_in(_PROMPT, problem=task_of(question), first=first.whole_text, second=second.whole_text)
        said = await lab.generate((Message("user", prompt),), self.draws, decoding=self.decoding, parent=first)
        found = [_BETTER.findall(each.text) for each in said]
        return [int(numbers[-1]) if numbers else None for numbers in found]

    def _note(self, samples: Sequence[Sample], games: list, said: list[list[int | None]], lab: VerifierLab) -> None:
        """With each text, the games in which it was shown first."""
        for place, sample in enumerate(samples):
            shown_first = [each for (i, _), judgements in zip(games, said, strict=True) if i == place for each in judgements]
            lab.note(
                sample,
                judgements=len(shown_first),
                unread=shown_first.count(None),
                first_preferred=shown_first.count(1),
                second_preferred=shown_first.count(2),
            )


_PROMPT = """You compare two answers to a problem. Nobody has told you the right answer: work it out before you judge.

Problem:
{{ problem }}

Answer 1:
{{ first }}

Answer 2:
{{ second }}

Say in a few words what is right and wrong in each; length and manner do not count. End with a line “Better: 1” or \
“Better: 2”."""
