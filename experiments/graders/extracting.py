"""What graders of free text share: the option that says where in the text the answer stands."""

from typing import ClassVar, Literal

from pydantic import Field

from ..domain import answers
from ..domain.answers import Found
from .base import Grader

_FINDERS = {
    "boxed": answers.last_boxed,
    "last_number": answers.last_number,
    "last_line": answers.last_line,
    "whole": answers.whole,
}


class ExtractingGrader(Grader):
    """`find` gives the answer as the options say. `fallback` is what "auto" takes where the text marks no answer."""

    fallback: ClassVar[Literal["last_number", "last_line", "whole"]]

    extraction: Literal["auto", "boxed", "marker", "last_number", "last_line", "whole"] = Field(
        "auto",
        title="Where the answer stands",
        description="auto: <answer> tags, else the last \\boxed{}, else after “Answer:” and the like, else what suits the grader",
    )
    marker: str = Field(
        "",
        max_length=100,
        title="Marker",
        description="With “marker” or “auto”: the words before the answer; empty knows the usual ones",
    )

    def find(self, text: str) -> Found | None:
        """The answer in the text without its <think> part."""
        text = answers.visible(text)
        if self.extraction == "marker" or (self.extraction == "auto" and self.marker):
            found = answers.after_marker(text, self.marker)
        elif self.extraction == "auto":
            found = answers.marked(text)
        else:
            return _FINDERS[self.extraction](text)
        if found is None and self.extraction == "auto":
            found = _FINDERS[self.fallback](text)
        return found
