"""A critic, which is the same model in a call of its own, gives a hint after an answer."""

from itertools import zip_longest

from ..domain import templating
from ..domain.answers import visible
from ..domain.lab import Lab
from ..domain.types import Message, Purpose, Question, Sample
from .dialogue import Chain, Reply, asked, shown


async def criticism_of(question: Question, chain: Chain, template: str, lab: Lab) -> Sample:
    """The critic sees the question and the whole exchange."""
    exchange = []
    for i, (answer, reply) in enumerate(zip_longest(chain.answers, chain.replies), start=1):
        exchange.append(f"Attempt {i}:\n{shown(answer)}")
        if reply:
            exchange.append(f"Hint after it:\n{shown(reply.source)}")
    prompt = templating.render(template, {"question": asked(question), "exchange": "\n\n".join(exchange)})
    (criticism,) = await lab.generate((Message("user", prompt),), parent=chain.last, purpose=Purpose.FEEDBACK)
    return criticism


def with_hint(criticism: Sample, chain: Chain, template: str) -> Reply:
    """The hint in its wording, also when the critic failed or said nothing."""
    hint = visible(criticism.text).strip()
    slots = {"attempts": attempts_made(chain), "hint": hint or "(none this time)"}
    return Reply(templating.render(template, slots), "hint" if hint else "no hint", criticism)


def attempts_made(chain: Chain) -> str:
    """In words."""
    n = len(chain.answers)
    return "1 attempt" if n == 1 else f"{n} attempts"
