"""Repair without the truth: a critic gives a hint after each answer, and nobody tells whether it was needed."""

from ..domain.lab import Lab
from ..domain.types import Question
from .base import strategies
from .critique import criticism_of, with_hint
from .dialogue import Chain, Reply
from .keeping import BlindLoop


@strategies.register("repair", label="Repair with a critic (verifier-free)")
class Repair(BlindLoop):
    """A critic who does not know the truth gives a hint after each answer; all rounds are run and one answer is kept.

    After Inference-Time Scaling for Complex Tasks: Where We Stand and What Lies Ahead, 2025, whose critic is told the truth.
    Compare with independent repeats at equal tokens, the critic's included. It misleads where the critic talks the model out
    of right answers: look at the over-correction rate.
    """

    @property
    def samples_per_attempt(self) -> int:
        return self.chains * (2 * self.depth - 1) + self.n_final_texts

    async def reply(self, question: Question, chain: Chain, lab: Lab) -> Reply:
        return with_hint(await criticism_of(question, chain, BLIND_CRITIC, lab), chain, BLIND_REPLY)


BLIND_CRITIC = """\
A student answered this question; nobody knows yet whether the last attempt is right:

{{ question }}

{{ exchange }}

Say which step of the last attempt is the most doubtful and give a hint how to check it. Do not solve the question yourself."""

BLIND_REPLY = """\
You have made {{ attempts }}. A reader who does not know the right answer says about the last one:

{{ hint }}

Keep what is right, change what is not, and answer the question again, in the form that was asked for."""
