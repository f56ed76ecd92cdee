"""The options of all searches over steps."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from ...domain.registry import Options
from ..budgets import Budgeted
from ..choosing import Choice


class StepOptions(Budgeted):
    """How an answer is cut into steps, and who scores them.

    What is left of the token budget is shared among the steps of a round, so that a search never writes more, and a budget
    smaller than a step gives no answer.
    """

    groups: ClassVar[dict[str, tuple[str, ...]]] = {
        "Steps": ("separators", "step_tokens", "max_steps", "ends_at_answer", "token_budget")
    }

    verifier: str = Field(
        "mean_logprob", title="Verifier", description="Scores the unfinished answers after each step; the run must use it"
    )
    path_score: Literal["last", "min", "max", "mean"] = Field(
        "last", title="Score of a path", description="Out of the scores of its steps"
    )
    separators: tuple[Annotated[str, Field(min_length=1)], ...] = Field(
        ("\n\n",),
        title="Step separators",
        description="A step ends at the first of these and keeps it; none for steps of a fixed number of tokens, as endpoints "
        "need that do not tell which stop string ended a text",
    )
    step_tokens: int = Field(
        256, ge=1, le=32768, title="Tokens per step", description="A step without a separator ends after so many"
    )
    max_steps: int = Field(40, ge=1, le=1000, title="Steps at most", description="A path of so many is handed in as it is")
    ends_at_answer: bool = Field(
        True, title="End at the answer", description="A path ends where its answer is marked: a box, “Answer:” and the like"
    )


class FinalChoice(Options):
    """For searches that end with several answers."""

    choice: Choice = Field("weighted_vote", title="Final answer", description="How one of the finished answers is chosen")
