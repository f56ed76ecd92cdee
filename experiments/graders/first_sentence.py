"""Short answers given in prose: whether the first sentence names the target."""

import re

from ..domain.answers import visible
from ..domain.normal_forms import canonical
from ..domain.types import Question, Target
from .base import Extraction, Grader, graders, quoted

_END = re.compile(r"[.!?][\"”’')*_]{0,3}(?=\s|$)|\n")
# A mark that stands earlier belongs to a number of a list, "1. Paris", or ends an answer of one letter.
_EARLIEST_END = 3


@graders.register("first_sentence", label="Named in the first sentence")
class FirstSentence(Grader):
    """Right if any of the target's answers stands in the first sentence as whole words, whatever their case.

    Later sentences do not count, so a longer answer has no more chances than a short one.
    """

    def extract(self, text: str, question: Question) -> Extraction:
        text = visible(text).strip()
        if not text:
            return Extraction(None, None, how="No answer found.")
        end = _END.search(text, _EARLIEST_END)
        sentence = text[: end.start() + 1].strip() if end else text
        # What ends the sentence also ends an answer inside of a text that was cut off later.
        return Extraction(sentence, canonical(sentence), explicit=True, how="Took the first sentence.", complete=bool(end))

    def compare(self, extraction: Extraction, target: Target) -> tuple[float, str]:
        for answer in target.answers:
            if re.search(rf"(?<!\w){re.escape(answer.casefold())}(?!\w)", extraction.answer.casefold()):
                return 1.0, f"It names {quoted(answer)}, the target."
        return 0.0, f"It does not name {quoted(*target.answers)}."
