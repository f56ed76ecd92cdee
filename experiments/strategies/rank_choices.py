"""Hand in the label that the model holds most probable."""

import json
from typing import ClassVar

from ..domain.choices import labels_of
from ..domain.lab import Lab
from ..domain.types import Outcome, Question
from .base import Strategy, strategies


@strategies.register("rank_choices", label="Rank the choices by probability")
class RankChoices(Strategy):
    """Scores every choice's label as the answer's beginning and hands in the likeliest, so that no answer can miss the format.
    Quantifying Language Models' Sensitivity to Spurious Features in Prompt Design, 2023.

    The log-probabilities are sums over the label's tokens, not divided by their number. The model then writes the label under
    a grammar that allows nothing else: a few tokens. A problem without choices gets one answer as the model gives it.
    """

    needs: ClassVar[frozenset[str]] = frozenset({"scores_text", "constrains"})

    @property
    def samples_per_attempt(self) -> int:
        return 1

    async def solve(self, question: Question, lab: Lab) -> Outcome:
        if not question.choices:
            (answer,) = await lab.generate(question.messages)
            return Outcome(answer, {"ranked": "This problem has no choices to rank."})
        labels = labels_of(question)
        logprobs = await lab.logprobs_of(question.messages, labels)
        if not logprobs:
            return Outcome()
        likeliest = labels[logprobs.index(max(logprobs))]
        held_to_it = {"grammar": (f"root ::= {json.dumps(likeliest, ensure_ascii=False)}",), "json_schema": None, "stop": ()}
        (answer,) = await lab.generate(question.messages, decoding=lab.decoding.model_copy(update=held_to_it))
        return Outcome(answer, {"logprobs": dict(zip(labels, logprobs, strict=True))})
