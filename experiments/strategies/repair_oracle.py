"""Repair with the truth: told after each wrong answer that it is wrong."""

from pydantic import Field

from ..domain import templating
from ..domain.lab import Lab
from ..domain.types import Question
from .base import strategies
from .critique import attempts_made, criticism_of, with_hint
from .dialogue import Chain, Reply
from .keeping import OracleLoop


@strategies.register("repair_oracle", label="Repair with feedback (oracle)")
class RepairOracle(OracleLoop):
    """Told after each wrong answer that it is wrong, with a critic's hint if wished; stops at the first right one.

    Inference-Time Scaling for Complex Tasks: Where We Stand and What Lies Ahead, 2025. The checker's truth makes it an upper
    bound, to be compared with the oracle curve of independent repeats (pass@k), not with an accuracy. On tasks with few
    possible answers a list of wrong ones turns the loop into elimination.
    """

    hints: bool = Field(
        True, title="Hints by a critic", description="Without them the model is told only that its answer is incorrect"
    )

    @property
    def samples_per_attempt(self) -> int:
        return self.chains * (2 * self.depth - 1 if self.hints else self.depth)

    async def reply(self, question: Question, chain: Chain, lab: Lab) -> Reply:
        if not self.hints:
            return Reply(templating.render(INCORRECT, {"attempts": attempts_made(chain)}), cue="incorrect")
        return with_hint(await criticism_of(question, chain, ORACLE_CRITIC, lab), chain, ORACLE_REPLY)


ORACLE_CRITIC = """\
A student answered this question, and every attempt so far is INCORRECT:

{{ question }}

{{ exchange }}

First list the wrong final answers so far, in one line. Then say what the mistake most likely is and give a hint how to avoid \
it. Never state the solution."""

INCORRECT = "You have made {{ attempts }}, and the last one is incorrect. Answer again, in the form that was asked for."

ORACLE_REPLY = """\
You have made {{ attempts }}, and the last one is incorrect. A hint:

{{ hint }}

You can do it. Answer the question again, in the form that was asked for."""
