"""A limit on what one attempt may spend, for methods that work in rounds."""

from typing import Any, ClassVar

from pydantic import Field

from ..domain.lab import Lab
from ..domain.registry import Options


class Budgeted(Options):
    """Where rounds are of whole answers the first is always begun, so a budget smaller than one answer still gives one.

    The trace tells what was spent.
    """

    groups: ClassVar[dict[str, tuple[str, ...]]] = {"Limit": ("token_budget",)}

    token_budget: int = Field(
        0,
        ge=0,
        le=10_000_000,
        title="Token budget",
        description="Completion tokens per problem, judges included; once they are spent no round is begun. 0 is no limit",
    )

    def is_budget_spent(self, lab: Lab) -> bool:
        return 0 < self.token_budget <= lab.spent.completion_tokens

    def budget_trace(self, lab: Lab) -> dict[str, Any]:
        return {"tokens": lab.spent.completion_tokens, "token_budget": self.token_budget}
