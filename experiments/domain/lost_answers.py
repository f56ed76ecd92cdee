"""Right answers that a text names and then leaves behind: a sign that it talked itself out of them."""

import re
from collections.abc import Sequence

from .answers import visible


def names_before(text: str, taken: str, answers: Sequence[str], question: str) -> bool:
    """Whether one of the answers stands in the text before what was taken for its answer.

    Whole words and numbers only, whatever their case. An answer that the question itself mentions does not count: a text
    that repeats the question has not found it.
    """
    text = visible(text)
    before = text[: text.rfind(taken)] if taken in text else text
    return any(_stands_in(before, answer) and not _stands_in(question, answer) for answer in answers)


def _stands_in(text: str, answer: str) -> bool:
    if not answer.strip():
        return False
    return re.search(rf"(?<![\w.-]){re.escape(answer.strip())}(?!\w|[.,]\d)", text, re.IGNORECASE) is not None
