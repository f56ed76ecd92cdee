"""What a pattern of your own finds in the text."""

import re
from collections import deque
from itertools import islice
from typing import Literal

from pydantic import Field, field_validator
from pydantic_core import PydanticCustomError

from ..domain.answers import visible
from ..domain.normal_forms import canonical
from ..domain.types import Question, Target
from .base import Extraction, Grader, graders, quoted


@graders.register("regex", label="Regular expression")
class Regex(Grader):
    """Right if what the pattern captures has the normal form of one of the target's answers."""

    can_hang = True

    pattern: str = Field(
        r"(?m)^Answer:\s*(.+)$",
        min_length=1,
        max_length=2000,
        title="Pattern",
        description="Python syntax; the first group is the answer, or the whole match where there is no group",
    )
    take: Literal["last", "first"] = Field("last", title="Which match", description="Where the pattern matches more than once")
    case_sensitive: bool = Field(False, title="Case matters", description="In the pattern and in the comparison")

    @field_validator("pattern")
    @classmethod
    def _compiles(cls, pattern: str) -> str:
        try:
            re.compile(pattern)
        except (re.error, OverflowError, RecursionError) as error:
            message = str(error).replace("{", "{{").replace("}", "}}")
            raise PydanticCustomError("pattern", f"is not a regular expression: {message}") from None
        return pattern

    def extract(self, text: str, question: Question) -> Extraction:
        text = visible(text)
        matches = re.compile(self.pattern, 0 if self.case_sensitive else re.IGNORECASE).finditer(text)
        found = deque(islice(matches, 1) if self.take == "first" else matches, maxlen=1)
        if not found:
            return Extraction(None, None, how="The pattern matches nowhere.")
        match = found[0]
        group = 1 if match.re.groups else 0
        if not match[group] or not match[group].strip():
            return Extraction(None, None, how="The pattern matches, but its group is empty.")
        complete = match.end(group) < len(text)
        how = f"Took the {self.take} match of the pattern."
        return Extraction(match[group], canonical(match[group], self.case_sensitive), explicit=True, complete=complete, how=how)

    def compare(self, extraction: Extraction, target: Target) -> tuple[float, str]:
        if any(canonical(answer, self.case_sensitive) == extraction.canonical for answer in target.answers):
            return 1.0, f"{quoted(extraction.canonical)} is the target."
        return 0.0, f"{quoted(extraction.canonical)} is not {quoted(*target.answers)}."
