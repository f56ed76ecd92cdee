"""Which part of a text answers which of several numbered questions."""

import re

_LABEL = re.compile(r"answer\s+(?:to|for)\s+(?:q|question)\s*\.?\s*(\d+)\b[*_)\]]*\s*(?:[:.=–]|-\s)?[*_]*", re.IGNORECASE)
_NUMBERED = re.compile(r"^\W*(?:q|question)?\s*(\d+)\s*[.):]", re.IGNORECASE | re.MULTILINE)
_BOXED = re.compile(r"\\boxed\{(?:[^{}]|\{[^{}]*\})*\}")


def answers_by_question(text: str, n: int) -> tuple[dict[int, str], str]:
    """({number from 1: its stretch of the text}, how they were told apart); numbers without an answer are missing.

    “Answer to Q2:” decides; where no answer is labelled so, lines that begin with “Q2:” or “2.”, then boxes in their order.
    Order alone would give everything after a skipped answer to the wrong question. Of two answers to one question the last
    one counts.
    """
    for pattern, how in ((_LABEL, "label"), (_NUMBERED, "number")):
        places = [place for place in pattern.finditer(text) if 1 <= int(place[1]) <= n]
        if places:
            ends = [place.start() for place in places[1:]] + [len(text)]
            return {
                int(place[1]): text[place.end() : end].strip(" \t\n*_#") for place, end in zip(places, ends, strict=True)
            }, how
    boxes = _BOXED.findall(text)[:n]
    if boxes:
        return dict(enumerate(boxes, start=1)), "order"
    return ({1: text}, "order") if n == 1 and text.strip() else ({}, "none")
