"""The same words, or the same number however it is written."""

from pydantic import Field

from ..domain.normal_forms import canonical
from ..domain.types import Question, Target
from .base import Extraction, graders, quoted
from .extracting import ExtractingGrader


@graders.register("exact", label="Exact match")
class Exact(ExtractingGrader):
    """Right if the answer and any of the target's answers have the same normal form."""

    fallback = "last_line"

    case_sensitive: bool = Field(False, title="Case matters", description="Whether Paris and paris are different answers")

    def extract(self, text: str, question: Question) -> Extraction:
        found = self.find(text)
        form = canonical(found.text, self.case_sensitive) if found else None
        return Extraction.of(found if form else None, form, "No answer found.")

    def compare(self, extraction: Extraction, target: Target) -> tuple[float, str]:
        for answer in target.answers:
            if canonical(answer, self.case_sensitive) == extraction.canonical:
                return 1.0, f"{quoted(extraction.canonical)} is the target."
        return 0.0, f"{quoted(extraction.canonical)} is not {quoted(*target.answers)}."
