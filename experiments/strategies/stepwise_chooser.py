"""Thinking in JSON steps, of which the model itself chooses each."""

import json
from typing import Literal

from pydantic import BaseModel, Field, ValidationError

from ..domain.answers import visible
from ..domain.lab import Lab
from ..domain.types import FinishReason, Message, Outcome, Purpose, Question, Sample
from .base import Strategy, strategies
from .budgets import Budgeted
from .keeping import choose as ask_to_choose


class Step(BaseModel):
    """The form of a step. Further fields, such as code, are welcome."""

    title: str
    content: str
    next_action: Literal["continue", "final_answer"]


@strategies.register("stepwise_chooser", label="Step-wise best of N with a chooser")
class StepwiseChooser(Budgeted, Strategy):
    """Turn by turn the model writes N candidate steps as JSON and chooses one by its number; a last call asks for the answer.

    A Comparative Study on Reasoning Patterns of OpenAI's o1 Model, 2024. A step says whether another one should follow. Steps
    that are no such JSON are dropped and counted; where all of a turn are, the answer is asked for at once. Where the chooser
    names no step, the majority decides, as among answers.

    It misleads on tasks with a strict form of answer: the JSON form costs accuracy there, so read the malformed steps apart.
    """

    n: int = Field(4, ge=1, le=1024, title="Candidates (N)", description="Steps written in each turn")
    max_steps: int = Field(25, ge=1, le=1000, title="Steps at most", description="Then the answer is asked for")

    @property
    def samples_per_attempt(self) -> int:
        return self.max_steps * (self.n + (self.n > 1)) + 1

    @property
    def samples_at_once(self) -> int:
        return self.n

    async def solve(self, question: Question, lab: Lab) -> Outcome:
        opening = _opening(question)
        steps: list[Sample] = []
        n_malformed, stopped = 0, ""
        while not stopped:
            if self.is_budget_spent(lab):
                stopped = "token budget spent"
                break
            written = await lab.generate(
                (*opening, *_turns(steps, NEXT)), self.n, parent=steps[-1] if steps else None, purpose=Purpose.STEP
            )
            usable = [sample for sample in written if read_step(sample)]
            n_malformed += len(written) - len(usable)
            if not usable:
                stopped = "no step came in the form asked for"
                break
            steps.append((await ask_to_choose(question, usable, lab)).sample)
            if read_step(steps[-1]).next_action == "final_answer":
                stopped = "the model was ready to answer"
            elif len(steps) == self.max_steps:
                stopped = "as many steps as allowed"
        asked = (*opening, *_turns(steps, ANSWER)) if steps else question.messages
        (answer,) = await lab.generate(asked, parent=steps[-1] if steps else None)
        told = {"steps": [step.index for step in steps], "malformed_steps": n_malformed, "stopped": stopped}
        chosen = None if answer.finish_reason == FinishReason.FAILED else answer
        return Outcome(chosen, {**told, **self.budget_trace(lab)})


def read_step(sample: Sample) -> Step | None:
    """The step, from the first brace to the last; None where that is not the form asked for."""
    text = visible(sample.text)
    try:
        return Step.model_validate(json.loads(text[text.find("{") : text.rfind("}") + 1]))
    except (ValueError, ValidationError):
        return None


def _opening(question: Question) -> tuple[Message, ...]:
    system = [message.content for message in question.messages if message.role == "system"]
    others = (message for message in question.messages if message.role != "system")
    return (Message("system", "\n\n".join([*system, THINK])), *others)


def _turns(steps: list[Sample], last: str) -> tuple[Message, ...]:
    """The steps as turns of the model; `last` is what is said after the last of them."""
    said = [NEXT] * (len(steps) - 1) + [last]
    return tuple(
        message
        for step, reply in zip(steps, said, strict=False)
        for message in (Message("assistant", visible(step.text).strip()), Message("user", reply))
    )


THINK = """\
Think step by step, one step at a time. Write each step as one JSON object and nothing else:
{"title": "what this step does", "content": "the step itself", "next_action": "continue" or "final_answer"}
Take at least three steps. Consider other answers, and check yours by another approach before you say "final_answer"."""

NEXT = "Go on with the next step, as one JSON object."

ANSWER = "Now give the answer only, in the form that the question asks for."
