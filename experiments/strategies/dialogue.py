"""Answer, hear a reply, answer again: the engine of all loops of refinement.

A method is a policy: it says what the reply is, when to stop, and which of the answers to keep. Chains go on side by side,
round by round, so that what has been spent before a round is the same when the attempt is replayed.
"""

import asyncio
from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from pydantic import Field

from ..domain.answers import visible
from ..domain.lab import Lab
from ..domain.types import FinishReason, Message, Outcome, Question, Sample
from .base import Strategy
from .budgets import Budgeted


@dataclass(frozen=True)
class Reply:
    """What is said to the model about its answer; an empty text asks the question anew, as if nothing had been answered.

    `source` is the text of a critic that it is made of; `cue` says in a word what kind of reply it is.
    """

    text: str
    cue: str = ""
    source: Sample | None = None


@dataclass(frozen=True)
class Stop:
    """No further answer is needed, and why."""

    reason: str


@dataclass
class Chain:
    """Answers, each given after the reply to the one before. `stopped` says why there are no more."""

    number: int
    answers: list[Sample]
    replies: list[Reply] = field(default_factory=list)
    stopped: str = ""

    @property
    def last(self) -> Sample:
        return self.answers[-1]


@dataclass(frozen=True)
class Kept:
    """The answer a loop hands in, and why it is this one."""

    sample: Sample | None
    why: str


class DialogueLoop(Budgeted, Strategy):
    """Options that all loops share, and their course."""

    depth: int = Field(4, ge=1, le=64, title="Answers per chain (depth)", description="The first one included")
    chains: int = Field(1, ge=1, le=256, title="Chains (width)", description="Loops that know nothing of each other")
    memory: Literal["dialogue", "last answer"] = Field(
        "dialogue", title="Memory", description="Whether an answer sees the whole dialogue, or only the answer before it"
    )

    @property
    def samples_at_once(self) -> int:
        return self.chains

    @abstractmethod
    async def reply(self, question: Question, chain: Chain, lab: Lab) -> Reply | Stop:
        """What is said about the chain's last answer, which did not fail."""

    @abstractmethod
    async def keep(self, question: Question, chains: Sequence[Chain], lab: Lab) -> Kept:
        """The answer to hand in, when all chains have stopped."""

    async def solve(self, question: Question, lab: Lab) -> Outcome:
        chains = [Chain(i, [answer]) for i, answer in enumerate(await lab.generate(question.messages, self.chains))]
        while open_chains := await self._open(chains, lab):
            replies = await asyncio.gather(*(self.reply(question, chain, lab) for chain in open_chains))
            going_on = []
            for chain, reply in zip(open_chains, replies, strict=True):
                if isinstance(reply, Stop):
                    chain.stopped = reply.reason
                else:
                    chain.replies.append(reply)
                    going_on.append(chain)
            answers = await asyncio.gather(*(self._answer_again(question, chain, lab) for chain in going_on))
            for chain, (answer,) in zip(going_on, answers, strict=True):
                chain.answers.append(answer)
        kept = await self.keep(question, chains, lab)
        told = {"chains": [_as_json(chain) for chain in chains], "depth": self.depth, "kept": kept.why}
        return Outcome(kept.sample, {**told, **self.budget_trace(lab)})

    async def _open(self, chains: Sequence[Chain], lab: Lab) -> list[Chain]:
        """The chains that go on. The others are told why they do not."""
        going = [chain for chain in chains if not chain.stopped]
        rights = [False] * len(going)
        if self.uses_oracle:
            rights = await asyncio.gather(*(_is_right(chain.last, lab) for chain in going))
        for chain, is_right in zip(going, rights, strict=True):
            if is_right:
                chain.stopped = "right, said the oracle"
            elif chain.last.finish_reason == FinishReason.FAILED:
                chain.stopped = f"the answer failed: {chain.last.error}"
            elif any(rights):
                chain.stopped = "another chain was right"
            elif len(chain.answers) == self.depth:
                chain.stopped = "all answers given"
            elif self.is_budget_spent(lab):
                chain.stopped = "token budget spent"
        return [chain for chain in going if not chain.stopped]

    async def _answer_again(self, question: Question, chain: Chain, lab: Lab) -> list[Sample]:
        reply = chain.replies[-1]
        messages = question.messages
        if reply.text:
            turns = list(zip(chain.answers, chain.replies, strict=True))
            messages += dialogue(turns if self.memory == "dialogue" else turns[-1:])
        return await lab.generate(messages, parent=reply.source or chain.last)


def dialogue(turns: Sequence[tuple[Sample, Reply]]) -> tuple[Message, ...]:
    """Answers and the replies to them as turns of a chat."""
    return tuple(
        message for answer, reply in turns for message in (Message("assistant", shown(answer)), Message("user", reply.text))
    )


def shown(answer: Sample) -> str:
    """The answer as it is shown to a model, without what was thought before it."""
    return visible(answer.whole_text).strip() or "(no answer)"


def asked(question: Question) -> str:
    """The question's own words, for a prompt about it."""
    return "\n\n".join(message.content for message in question.messages if message.role == "user")


async def _is_right(answer: Sample, lab: Lab) -> bool:
    return answer.finish_reason != FinishReason.FAILED and await lab.is_right(answer)


def _as_json(chain: Chain) -> dict[str, Any]:
    """`answers` are the samples' indexes in the attempt; `said` are replies in the method's own words, "" for a critic's."""
    return {
        "answers": [answer.index for answer in chain.answers],
        "cues": [reply.cue for reply in chain.replies],
        "said": ["" if reply.source else reply.text for reply in chain.replies],
        "stopped": chain.stopped,
    }
