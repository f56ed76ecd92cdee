"""Whether words that a full answer has are there."""

import re

from pydantic import Field

from ..domain.answers import visible, whole
from ..domain.types import HIDDEN, Question, Target
from .base import Extraction, Grader, graders, quoted


@graders.register("expected_words", label="Expected words")
class ExpectedWords(Grader):
    """The share of expected words that stand in the text; right if it is large enough. Words may have endings, as in colors.

    For answers in free text about something that has its own words. It knows nothing of meaning: a text may have all words and
    be wrong. The words are the problem's list `expected_words`, which no prompt shows.
    """

    enough: float = Field(1.0, gt=0, le=1, title="Enough", description="Share of the words from which an answer is right")

    def extract(self, text: str, question: Question) -> Extraction:
        return Extraction.of(found := whole(visible(text)), found and found.text.casefold(), "The text is empty.")

    def compare(self, extraction: Extraction, target: Target) -> tuple[float, str]:
        expected = target.metadata.get(HIDDEN, {}).get("expected_words")
        if not expected:
            return 0.0, "The problem has no list of expected words; choose another grader."
        missing = [word for word in expected if not re.search(rf"\b{re.escape(word.casefold())}", extraction.canonical)]
        share = 1 - len(missing) / len(expected)
        said = f"Without {quoted(*missing)}." if missing else "All expected words are there."
        return 1.0 if share >= self.enough else share, said
