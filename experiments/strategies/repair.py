"""Repair with feedback: a critic, which is the same model in a call of its own, gives a hint after each answer."""

from itertools import zip_longest

from pydantic import Field

from ..domain import templating
from ..domain.answers import visible
from ..domain.lab import Lab
from ..domain.types import Message, Purpose, Question, Sample
from .base import strategies
from .dialogue import Chain, Reply, asked, shown
from .keeping import BlindLoop, OracleLoop


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
        return _with_hint(await _criticism(question, chain, BLIND_CRITIC, lab), chain, BLIND_REPLY)


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
            return Reply(templating.render(INCORRECT, {"attempts": _attempts(chain)}), cue="incorrect")
        return _with_hint(await _criticism(question, chain, ORACLE_CRITIC, lab), chain, ORACLE_REPLY)


async def _criticism(question: Question, chain: Chain, template: str, lab: Lab) -> Sample:
    """The critic sees the question and the whole exchange."""
    exchange = []
    for i, (answer, reply) in enumerate(zip_longest(chain.answers, chain.replies), start=1):
        exchange.append(f"Attempt {i}:\n{shown(answer)}")
        if reply:
            exchange.append(f"Hint after it:\n{shown(reply.source)}")
    prompt = templating.render(template, {"question": asked(question), "exchange": "\n\n".join(exchange)})
    (criticism,) = await lab.generate((Message("user", prompt),), parent=chain.last, purpose=Purpose.FEEDBACK)
    return criticism


def _with_hint(criticism: Sample, chain: Chain, template: str) -> Reply:
    """Also when the critic failed or said nothing."""
    hint = visible(criticism.text).strip()
    slots = {"attempts": _attempts(chain), "hint": hint or "(none this time)"}
    return Reply(templating.render(template, slots), "hint" if hint else "no hint", criticism)


def _attempts(chain: Chain) -> str:
    n = len(chain.answers)
    return "1 attempt" if n == 1 else f"{n} attempts"


ORACLE_CRITIC = """\
A student answered this question, and every attempt so far is INCORRECT:

{{ question }}

{{ exchange }}

First list the wrong final answers so far, in one line. Then say what the mistake most likely is and give a hint how to avoid \
it. Never state the solution."""

BLIND_CRITIC = """\
A student answered this question; nobody knows yet whether the last attempt is right:

{{ question }}

{{ exchange }}

Say which step of the last attempt is the most doubtful and give a hint how to check it. Do not solve the question yourself."""

INCORRECT = "You have made {{ attempts }}, and the last one is incorrect. Answer again, in the form that was asked for."

ORACLE_REPLY = """\
You have made {{ attempts }}, and the last one is incorrect. A hint:

{{ hint }}

You can do it. Answer the question again, in the form that was asked for."""

BLIND_REPLY = """\
You have made {{ attempts }}. A reader who does not know the right answer says about the last one:

{{ hint }}

Keep what is right, change what is not, and answer the question again, in the form that was asked for."""
