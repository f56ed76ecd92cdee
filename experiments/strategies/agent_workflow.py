"""Plan, work on each sub-task, then answer with the notes at hand."""

import re
from typing import ClassVar

from pydantic import Field

from ..domain import templating
from ..domain.lab import Lab
from ..domain.types import FinishReason, Message, Outcome, Purpose, Question, Sample
from .base import Strategy, strategies
from .budgets import Budgeted
from .dialogue import asked, shown

_NUMBERED = re.compile(r"^\s*(?:step\s*)?\d+\s*[.):]\s*(\S.*)$", re.IGNORECASE | re.MULTILINE)


@strategies.register("agent_workflow", label="Agent workflow")
class AgentWorkflow(Budgeted, Strategy):
    """Ask for a plan of sub-tasks, do them one after the other with the results so far at hand, then answer.

    After A Comparative Study on Reasoning Patterns of OpenAI's o1 Model, 2024, without tools; the wording is ours. A plan
    without numbered lines counts as none, and the question is answered without it. It misleads where the model cannot follow
    its own plan: the notes then only make the prompt longer. Compare at equal tokens.
    """

    groups: ClassVar[dict[str, tuple[str, ...]]] = {"Workflow": ("max_subtasks",), **Budgeted.groups}

    max_subtasks: int = Field(4, ge=1, le=20, title="Sub-tasks", description="Of a longer plan the first so many are done")

    @property
    def samples_per_attempt(self) -> int:
        return self.max_subtasks + 2

    async def solve(self, question: Question, lab: Lab) -> Outcome:
        plan = await self._ask(lab, PLAN, {"question": asked(question), "n": str(self.max_subtasks)}, None)
        subtasks = _NUMBERED.findall(shown(plan))[: self.max_subtasks]
        notes: list[str] = []
        last = plan
        for subtask in subtasks:
            if self.is_budget_spent(lab):
                break
            slots = {"question": asked(question), "notes": _listed(notes), "subtask": subtask}
            last = await self._ask(lab, WORK, slots, last)
            if last.finish_reason != FinishReason.FAILED:
                notes.append(f"{subtask}\n{shown(last)}")
        told = templating.render(ANSWER, {"notes": _listed(notes)}) if notes else ""
        *before, user = question.messages
        final = (*before, Message("user", f"{user.content}\n\n{told}" if told else user.content))
        (answer,) = await lab.generate(final, parent=last)
        trace = {"planned": len(subtasks), "done": len(notes), **self.budget_trace(lab)}
        if not subtasks:
            trace["stopped"] = "no numbered plan was written"
        return Outcome(None if answer.finish_reason == FinishReason.FAILED else answer, trace)

    async def _ask(self, lab: Lab, template: str, slots: dict[str, str], parent: Sample | None) -> Sample:
        prompt = (Message("user", templating.render(template, slots)),)
        (written,) = await lab.generate(prompt, parent=parent, purpose=Purpose.FEEDBACK)
        return written


def _listed(notes: list[str]) -> str:
    return "\n\n".join(notes) or "(none yet)"


PLAN = """\
{{ question }}

Do not answer yet. Write a plan: at most {{ n }} sub-tasks whose results together give the answer, one a line, numbered."""

WORK = """\
{{ question }}

Results so far:
{{ notes }}

Do only this sub-task now, in a few sentences: {{ subtask }}"""

ANSWER = """\
Notes from working on it:
{{ notes }}

Use them where they are right, and answer the question in the form that was asked for."""
