"""Which answer a loop hands in: what an oracle found, or one chosen without the truth."""

import asyncio
import re
from collections.abc import Sequence
from typing import ClassVar, Literal

from pydantic import Field

from ..domain import templating
from ..domain.lab import Lab
from ..domain.seeds import rng
from ..domain.types import FinishReason, Message, Purpose, Question, Sample
from .choosing import Candidate, highest, vote
from .dialogue import Chain, DialogueLoop, Kept, asked, shown

Keeping = Literal["majority", "last", "best", "choose", "synthesise"]
KEEPING = (
    "Of all answers of all chains the most frequent, or the best by the verifier; of the chains' last answers the most frequent; "
    "or what one more call chooses by number, or writes after it has read them all"
)

_NUMBER = re.compile(r"\d+")


class OracleLoop(DialogueLoop):
    """Stops everything at the first right answer and keeps it: an upper bound, for it is told when to stop."""

    uses_oracle: ClassVar[bool] = True

    async def keep(self, question: Question, chains: Sequence[Chain], lab: Lab) -> Kept:
        right = [chain.last for chain in chains if chain.stopped.startswith("right")]
        if right:
            return Kept(right[0], "the first right answer (oracle)")
        good = good_answers(chains)
        return Kept(good[-1], "the last answer, none was right") if good else Kept(None, "every answer failed")


class BlindLoop(DialogueLoop):
    """Never told the truth."""

    keeps: Keeping = Field("majority", title="Answer kept", description=KEEPING)
    verifier: str = Field(
        "mean_logprob", title="Verifier", description="Whose scores say which answer is best; the run must use it"
    )

    @property
    def verifiers_used(self) -> frozenset[str]:
        return frozenset({self.verifier}) if self.keeps == "best" else frozenset()

    @property
    def n_final_texts(self) -> int:
        return int(self.keeps in ("choose", "synthesise"))

    async def keep(self, question: Question, chains: Sequence[Chain], lab: Lab) -> Kept:
        answers = good_answers(chains)
        if not answers:
            return Kept(None, "every answer failed")
        if self.keeps == "last":
            return await majority(good_answers(chains, last_only=True), lab)
        if self.keeps == "best":
            return await best(answers, self.verifier, lab)
        if self.n_final_texts and self.is_budget_spent(lab):
            return await _majority_because("the budget left no final call", answers, lab)
        if self.keeps == "choose":
            return await choose(question, answers, lab)
        if self.keeps == "synthesise":
            return await synthesise(question, answers, lab)
        return await majority(answers, lab)


def good_answers(chains: Sequence[Chain], last_only: bool = False) -> list[Sample]:
    """Those that did not fail, in the order of rounds."""
    good = [
        [answer for answer in chain.answers if answer.finish_reason != FinishReason.FAILED][-1 if last_only else 0 :]
        for chain in chains
    ]
    longest = max(map(len, good))
    return [answers[place] for place in range(longest) for answers in good if place < len(answers)]


async def majority(answers: Sequence[Sample], lab: Lab) -> Kept:
    """The latest text with the most frequent answer; a tie is drawn by lot. Texts without an answer do not vote."""
    found = await asyncio.gather(*(lab.answer_of(answer) for answer in answers))
    winner = vote(found, [1.0] * len(found), rng(lab.seed, "tied vote"))
    if winner is None:
        return Kept(answers[-1], "the last text, for no answer was found in any")
    latest = max(place for place, canonical in enumerate(found) if canonical == winner)
    n_votes = found.count(winner)
    n_tied = sum(found.count(canonical) == n_votes for canonical in {*found} - {None})
    tie = f", drawn from {n_tied} tied answers" if n_tied > 1 else ""
    return Kept(answers[latest], f"{n_votes} of {len(answers)} votes{tie}")


async def best(answers: Sequence[Sample], verifier: str, lab: Lab) -> Kept:
    """The highest score; a tie is drawn by lot."""
    candidates = [Candidate(*each) for each in zip(answers, await lab.verify(verifier, answers), strict=True)]
    winner = highest(candidates, rng(lab.seed, "tied scores"))
    if winner.score is None:
        return await _majority_because("no answer has a score", answers, lab)
    n_scored = sum(candidate.score is not None for candidate in candidates)
    return Kept(winner.sample, f"the highest of {n_scored} scores, {winner.score:.3g}")


async def choose(question: Question, answers: Sequence[Sample], lab: Lab) -> Kept:
    """What a call that sees the distinct texts chooses by number; the majority where it names none of them."""
    distinct = list({shown(answer): answer for answer in answers}.values())
    if len(distinct) == 1:
        return Kept(distinct[0], "all texts are the same")
    (choice,) = await _ask_about(question, distinct, CHOOSE, Purpose.FEEDBACK, lab)
    numbers = [int(number) for number in _NUMBER.findall(shown(choice)) if len(number) < 6]
    named = [number for number in numbers if 1 <= number <= len(distinct)]
    if not named:
        return await _majority_because("the final call named no answer", answers, lab)
    return Kept(distinct[named[-1] - 1], f"number {named[-1]} of {len(distinct)} distinct texts, chosen by a call")


async def synthesise(question: Question, answers: Sequence[Sample], lab: Lab) -> Kept:
    """An answer written by a call that sees the distinct texts; the majority where it failed."""
    distinct = list({shown(answer): answer for answer in answers}.values())
    (written,) = await _ask_about(question, distinct, SYNTHESISE, Purpose.ANSWER, lab)
    if written.finish_reason == FinishReason.FAILED:
        return await _majority_because("the final call failed", answers, lab)
    return Kept(written, f"written after reading {len(distinct)} distinct texts")


async def _majority_because(reason: str, answers: Sequence[Sample], lab: Lab) -> Kept:
    kept = await majority(answers, lab)
    return Kept(kept.sample, f"{kept.why}; {reason}")


async def _ask_about(question: Question, candidates: Sequence[Sample], template: str, purpose: Purpose, lab: Lab) -> list[Sample]:
    numbered = "\n\n".join(f"Answer {i}:\n{shown(candidate)}" for i, candidate in enumerate(candidates, start=1))
    prompt = templating.render(template, {"question": asked(question), "candidates": numbered})
    system = tuple(message for message in question.messages if message.role == "system")
    return await lab.generate((*system, Message("user", prompt)), purpose=purpose)


CHOOSE = """\
{{ question }}

Several answers were given:

{{ candidates }}

Which one is most likely right? Reply with its number only."""

SYNTHESISE = """\
{{ question }}

Several answers were given; any of them may be wrong:

{{ candidates }}

Weigh them against each other and write one final answer, in the form that was asked for."""
