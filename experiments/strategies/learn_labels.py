"""Shown things one by one, told after each answer where it belongs, until a whole pass has no error."""

from collections.abc import Sequence
from typing import Any

from pydantic import Field

from ..domain.errors import InvalidInput
from ..domain.lab import Lab
from ..domain.seeds import rng
from ..domain.types import FinishReason, Message, Outcome, Purpose, Question, Sample
from .base import Strategy, strategies
from .dialogue import shown


@strategies.register("learn_labels", label="Learn labels")
class LearnLabels(Strategy):
    """Goes through the problem's `objects` pass by pass, all of it in one dialogue, and stops after the first perfect pass.

    Mind Your Step (by Step): Chain-of-Thought can Reduce Performance on Tasks where Thinking Makes Humans Worse, 2024. For
    problems of the source “Labels with exceptions”, whose metadata has objects with labels; the labels are told as feedback
    and are part of the task. A problem without objects gets one answer as ever. An attempt is one learner; it hands in the
    last answer about the object that the question asks about. The order of a pass is random and the same under every
    condition. What comes after the object in the question, such as a request to reason, is said with every object. The trace
    has the accuracy by pass.
    """

    passes: int = Field(15, ge=1, le=50, title="Passes", description="At most; every object is shown once in each")

    @property
    def samples_per_attempt(self) -> int:
        return self.passes * 10

    @property
    def samples_at_once(self) -> int:
        return 1

    async def solve(self, question: Question, lab: Lab) -> Outcome:
        objects = question.metadata.get("objects")
        if not objects:
            (answer,) = await lab.generate(question.messages)
            return Outcome(answer, {"learned": "This problem has no objects to learn."})
        _check_shown(objects[0]["text"], question)
        *before, last = question.messages
        start, _, rest = last.content.partition(objects[0]["text"])
        history, feedback = tuple(before), start
        told: dict[str, Any] = {"accuracy": [], "learned_after": None, "failed": "", "words": 0.0}
        kept, words = None, []
        for number in range(1, self.passes + 1):
            n_right = 0
            for place in rng("learn_labels", question.key, number).permutation(len(objects)):
                thing = objects[place]
                history += (Message(last.role, feedback + thing["text"] + rest),)
                (answer,) = await lab.generate(history, parent=kept, purpose=Purpose.STEP)
                if answer.finish_reason == FinishReason.FAILED:
                    return _handed_in(kept, told | {"failed": answer.error}, words, lab)
                words.append(len(shown(answer).split()))
                is_right = (await lab.answer_of(answer) or "").casefold() == thing["label"].casefold()
                n_right += is_right
                kept = answer if place == 0 else kept
                history += (Message("assistant", shown(answer)),)
                feedback = (RIGHT if is_right else WRONG).format(label=thing["label"])
            told["accuracy"].append(n_right / len(objects))
            if n_right == len(objects):
                told["learned_after"] = number
                break
        return _handed_in(kept, told, words, lab)


def _handed_in(kept: Sample | None, told: dict[str, Any], words: Sequence[int], lab: Lab) -> Outcome:
    """`words` are those of each answer; the trace tells their mean."""
    if kept:
        lab.hand_in(kept)
    return Outcome(kept, told | {"words": sum(words) / len(words) if words else 0.0})


def _check_shown(first: str, question: Question) -> None:
    """Raises InvalidInput where the question no longer names its object, so that no other can take its place."""
    if first not in question.messages[-1].content:
        raise InvalidInput(
            f"The prompt of problem “{question.key}” does not show its first object as it stands in the dataset. "
            "Use a prompt that has {{ question }} in it, and no treatment that rewrites the question."
        )


RIGHT = "Right, {label}.\n\n"
WRONG = "Wrong, it is {label}.\n\n"
