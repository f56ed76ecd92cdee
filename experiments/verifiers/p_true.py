"""The model's own probability that a text is right."""

import asyncio
import math
import re
from collections.abc import Sequence
from typing import Literal

from pydantic import Field

from ..domain.seeds import rng
from ..domain.types import Decoding, Message, Question, Sample
from .base import PoolVerifier, VerifierLab, verifiers
from .judges import Asks, filled_in, task_of

TRUE = ("A", " A", "(A", " (A")
FALSE = ("B", " B", "(B", " (B")
_LETTER = re.compile(r"\b([AB])\b")


@verifiers.register("p_true", label="P(True)")
class PTrue(Asks, PoolVerifier):
    """The model is shown a text and asked whether it is (A) True or (B) False; the score is the probability of A against B.

    Language Models (Mostly) Know What They Know, 2022, there with examples and with five of the model's own ideas shown before.
    Here no examples are shown, and the ideas are other answers of the attempt. The probabilities are read from the model,
    which reads but does not write. A model that does not tell them can be asked repeatedly instead: the score is then the
    share of True among the answers, a coarser number that is not the same measurement.

    Costs one reading of problem and text, or as many calls as it is asked repeatedly. Small models often prefer a letter
    whatever the text says, and tuned ones are too sure of themselves: its ranking within a problem may be useful where its
    calibration is not.
    """

    asking: Literal["logprobs", "repeatedly"] = Field(
        "logprobs", title="How to ask", description="Read the letters' probabilities, or ask repeatedly and count the letters"
    )
    ideas: int = Field(0, ge=0, le=20, title="Ideas shown", description="Other answers of the attempt, drawn at random")
    draws: int = Field(10, ge=10, le=100, title="Times asked", description="Where it is asked repeatedly")

    @property
    def judge_needs(self) -> frozenset[str]:
        return frozenset({"scores_text"}) if self.asking == "logprobs" else frozenset()

    async def score_pool(self, question: Question, samples: Sequence[Sample], lab: VerifierLab) -> list[float | None]:
        answers = [await lab.answer_of(sample) for sample in samples] if self.ideas else []
        ideas = [self._ideas(place, sample, answers, lab) for place, sample in enumerate(samples)]
        scores = (self._score(question, sample, shown, lab) for sample, shown in zip(samples, ideas, strict=True))
        return list(await asyncio.gather(*scores))

    def _ideas(self, place: int, sample: Sample, answers: Sequence[str | None], lab: VerifierLab) -> list[str]:
        others = [answer for i, answer in enumerate(answers) if i != place and answer is not None]
        drawn = rng(lab.seed, "ideas", *sample.key).permutation(len(others))[: self.ideas]
        return [others[i] for i in drawn]

    async def _score(self, question: Question, sample: Sample, ideas: list[str], lab: VerifierLab) -> float | None:
        brainstormed = "\n".join(["Some ideas of what the answer may be:", *ideas, "", ""]) if ideas else ""
        prompt = filled_in(_PROMPT, problem=task_of(question), ideas=brainstormed, answer=sample.whole_text)
        messages = (Message("user", prompt),)
        if self.asking == "repeatedly":
            return await self._share_of_true(messages, sample, lab)
        logprobs = await lab.logprobs_of(messages, (*TRUE, *FALSE))
        return share_of_first(logprobs[: len(TRUE)], logprobs[len(TRUE) :]) if logprobs else None

    async def _share_of_true(self, messages: tuple[Message, ...], sample: Sample, lab: VerifierLab) -> float | None:
        said = await lab.generate(messages, self.draws, decoding=Decoding(temperature=1, max_tokens=8))
        letters = [found.group(1) for each in said if (found := _LETTER.search(each.text))]
        lab.note(sample, judgements=len(said), unread=len(said) - len(letters))
        return letters.count("A") / len(letters) if letters else None


def share_of_first(first: Sequence[float], second: Sequence[float]) -> float:
    """The first's probability against both, out of the log-probabilities of each one's ways to be written."""
    highest = max(*first, *second)
    if math.isinf(highest):
        return math.nan
    a, b = (math.fsum(math.exp(each - highest) for each in ways) for ways in (first, second))
    return a / (a + b)


_PROMPT = """Problem:
{{ problem }}

{{ ideas }}Possible answer:
{{ answer }}

Is the possible answer:
(A) True
(B) False

Reply with the letter only."""
