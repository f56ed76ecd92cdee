"""Self-refine: the model criticises its answer and revises it, until it finds nothing more to criticise."""

import re

from pydantic import Field

from ..domain import templating
from ..domain.lab import Lab
from ..domain.types import FinishReason, Message, Purpose, Question
from .base import strategies
from .dialogue import Chain, Reply, Stop, asked, shown
from .keeping import KEEPING, BlindLoop, Keeping

_VERDICT = re.compile(r"verdict\W{0,8}(no errors?|errors?)\b", re.IGNORECASE)


@strategies.register("self_refine", label="Self-refine")
class SelfRefine(BlindLoop):
    """Answer, criticise the answer, revise it; stops when the criticism finds no error. Keeps the last answer by default.

    Self-Refine: Iterative Refinement with Self-Feedback, 2023; as in Bag of Tricks, 2025, with two worked examples of feedback,
    one on a right and one on a wrong answer. It misleads where the model cannot judge itself: it stops at once, content with a
    wrong answer, or changes right ones. A criticism without a verdict counts as one that found errors, and is counted.
    """

    keeps: Keeping = Field("last", title="Answer kept", description=KEEPING)

    @property
    def samples_per_attempt(self) -> int:
        return self.chains * (2 * self.depth - 1) + self.n_final_texts

    async def reply(self, question: Question, chain: Chain, lab: Lab) -> Reply | Stop:
        criticised = templating.render(CRITICISE, {"question": asked(question), "attempt": shown(chain.last)})
        messages = (*EXAMPLES, Message("user", criticised))
        (feedback,) = await lab.generate(messages, parent=chain.last, purpose=Purpose.FEEDBACK)
        if feedback.finish_reason == FinishReason.FAILED:
            return Stop(f"the criticism failed: {feedback.error}")
        verdicts = _VERDICT.findall(shown(feedback))
        if verdicts and verdicts[-1].lower().startswith("no"):
            return Stop("no error found")
        revise = templating.render(REVISE, {"feedback": shown(feedback)})
        return Reply(revise, "errors found" if verdicts else "no verdict given", feedback)


CRITICISE = """\
Question:
{{ question }}

Answer:
{{ attempt }}

Is there any error in this answer? Go through it step by step. End with one line, either "Verdict: no error" or \
"Verdict: error"."""

REVISE = """\
Here is a criticism of your answer:

{{ feedback }}

Revise your answer accordingly, in the form that was asked for."""

_TOY = """\
Tom has 3 bags with 4 apples each and gives away 5 apples. How many are left?"""

EXAMPLES = (
    Message(
        "user",
        templating.render(
            CRITICISE, {"question": _TOY, "attempt": "3 bags of 4 are 3 + 4 = 7 apples. 7 - 5 = 2. The answer is 2."}
        ),
    ),
    Message(
        "assistant",
        "3 bags of 4 apples are 3 x 4 = 12 apples, not 3 + 4 = 7. The rest follows from that mistake.\nVerdict: error",
    ),
    Message(
        "user",
        templating.render(CRITICISE, {"question": _TOY, "attempt": "3 x 4 = 12 apples. 12 - 5 = 7. The answer is 7."}),
    ),
    Message("assistant", "3 x 4 = 12 is right, and 12 - 5 = 7 is right. The question asks for what is left.\nVerdict: no error"),
)
