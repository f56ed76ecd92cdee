"""Finding the answer in a text: what was taken, and how. Blind to the target, linear in the text's length.

Every finder returns a Found or None. `visible` comes first: what stands between <think> tags is not an answer.
"""

import re
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from .normal_forms import NUMBER, canonical, number_in


@dataclass(frozen=True)
class Found:
    """`text` is the answer exactly as written and `how` says in a sentence why it was taken.

    `explicit`: the text marked it as its answer (a box, "Answer:"), rather than that it happened to stand last.
    `complete`: something ends it, so that a text cut off by its length limit cannot have been cut inside of it.
    """

    text: str
    explicit: bool
    complete: bool
    how: str


_MARKER = re.compile(
    r"""
    (?<!\#) \#{4} (?=[^\w\n]{0,4}\d) (?![^\w\n]{0,4}\d{1,3}[.)]\s+\w)     # GSM8K's, but not a numbered heading
    | \b (?:answer|correct\s(?:option|choice)) \b (?:\s (?:to|of|for)\b [^.:\n]{1,80}?)? [\s*_]{0,4}
      (?: \b(?:is|(?:would|should|must|will)\sbe)\b (?:[*_]{0,3}\s{0,4}:)? | [:=] ) [*_]{0,3}
                                                        # The answer to this is, **Answer:**, Final answer =
    """,
    re.IGNORECASE | re.VERBOSE,
)
_BOX_TOKENS = re.compile(r"\\(?:boxed|fbox)\s{0,3}\{|\\.|[{}]", re.DOTALL)
# A full stop after these is no end of a sentence; nor is one after an initial inside a name (George W. Bush).
_SENTENCE_END = re.compile(r"(?<!\bDr)(?<!\bMr)(?<!\bMrs)(?<!\bMs)(?<!\bSt)(?<!\bNo)(?<! [A-Z])[.!?][*_]{0,2}(?=\s+[A-Z(*\"])")
_LETTER_ALONE = re.compile(
    r"(?:option |choice )?[\s*_$\"'(\[]{0,4}([A-Za-z])(?:[\s*_$\"']{0,4}$|[*_\s]{0,3}[).\]:]|\s{1,2}[(\u2013\u2014-])", re.I
)
_LETTER_IN_BRACKETS = re.compile(r"[(\[]([A-Z])[)\]]")
_LATEX_TEXT = re.compile(r"\\(?:text|textbf|mathrm|mathbf)\s?\{([^{}]*)\}")


def visible(text: str) -> str:
    """The text without <think>...</think>. An opening tag that the chat template put into the prompt may be missing."""
    thought, closed, rest = text.rpartition("</think>")
    if closed:
        before, opened, _ = thought.partition("<think>")
        return (before if opened else "") + rest.partition("<think>")[0]
    return text.partition("<think>")[0]


def whole(text: str) -> Found | None:
    """The whole text without surrounding space."""
    return Found(text.strip(), explicit=False, complete=False, how="Took the whole text.") if text.strip() else None


def last_line(text: str) -> Found | None:
    """The last line that is not empty."""
    line = text.rstrip().rpartition("\n")[2].strip()
    return Found(line, explicit=False, complete=False, how="Took the last line.") if line else None


def last_boxed(text: str) -> Found | None:
    r"""What stands in the last closed \boxed{} or \fbox{}; of nested boxes the outer one."""
    openings: list[int] = []  # where the content of each open brace begins; negative for braces that are no box
    box = None
    for token in _BOX_TOKENS.finditer(text):
        mark = token.group()
        if mark == "}":
            begin = openings.pop() if openings else -1
            if begin >= 0:
                box = (begin, token.start())
        elif mark[-1] == "{" and mark != "\\{":
            openings.append(-1 if mark == "{" else token.end())
    content = text[box[0] : box[1]].strip() if box else ""
    return Found(content, explicit=True, complete=True, how="Took the last box.") if content else None


def tagged(text: str) -> Found | None:
    """What stands in the last <answer>...</answer>, over several lines if need be."""
    head, closed, _ = text.rpartition("</answer>")
    _, opened, content = head.rpartition("<answer>")
    if not (closed and opened and content.strip()):
        return None
    return Found(content.strip(), explicit=True, complete=True, how="Took what stands in <answer>.")


def marked(text: str) -> Found | None:
    """The answer that the text marks as such: in <answer> tags, else in a box, else after "Answer:" and the like."""
    return tagged(text) or last_boxed(text) or after_marker(text)


def after_marker(text: str, marker: str = "") -> Found | None:
    """What follows the last marker that is followed by anything, up to the end of its line or sentence.

    `marker` is literal and ignores case; without one, GSM8K's ####, "Answer:", "The answer is" and the like count.
    """
    pattern = re.compile(re.escape(marker) + "[*_]{0,3}", re.IGNORECASE) if marker else _MARKER
    end = len(text)
    for mark in reversed(list(pattern.finditer(text))):
        rest = text[mark.end() : end].lstrip()
        line, newline, _ = rest.partition("\n")
        sentence_end = _SENTENCE_END.search(line)
        answer = (line[: sentence_end.start()] if sentence_end else line).strip()
        if answer:
            complete = bool(newline or sentence_end or end < len(text))
            return Found(answer, explicit=True, complete=complete, how=f"Took what follows “{mark.group().strip(' *_')}”.")
        end = mark.start()
    return None


def last_number(text: str) -> Found | None:
    """The last number in the text, with its sign, its unit of percent and its fraction bar."""
    places = list(NUMBER.finditer(text))
    if not places:
        return None
    number = number_in(text, places[-1])
    among = "the only number" if len(places) == 1 else f"the last of {len(places)} numbers"
    return Found(number, explicit=False, complete=False, how=f"Took {among}.")


def choice_letter(text: str, choices: Sequence[str] = ()) -> Found | None:
    """The letter chosen: in a box, after a marker, at the very start, or the last one in brackets; or a choice's own words.

    `text` of the result is one upper-case letter, `choices` says which letters there are (all, where it is empty).
    """
    for place in (tagged(text), last_boxed(text), after_marker(text)):
        letter = _letter_of(place.text, choices) if place else None
        if letter:
            return Found(letter, explicit=True, complete=place.complete, how=place.how)
    letter = _letter_of(text, choices)
    if letter:
        return Found(letter, explicit=False, complete=False, how="The text begins with it.")
    line = last_line(text)
    letter = _letter_of(line.text, choices) if line else None
    if letter:
        return Found(letter, explicit=False, complete=False, how=line.how)
    in_brackets = [mark for mark in _LETTER_IN_BRACKETS.findall(text) if _is_choice(mark, choices)]
    if in_brackets:
        return Found(in_brackets[-1], explicit=False, complete=False, how="Took the last letter in brackets.")
    return None


def _letter_of(text: str, choices: Sequence[str]) -> str | None:
    """The letter that a short answer names, by letter or by the choice's own words."""
    text = _LATEX_TEXT.sub(r"\1", text[:2000]).strip()
    words = canonical(text)
    same = [i for i, choice in enumerate(choices) if canonical(choice) == words]
    if len(same) == 1:
        return chr(65 + same[0])
    alone = _LETTER_ALONE.match(text)
    letter = alone.group(1).upper() if alone else ""
    return letter if alone and _is_choice(letter, choices) else None


def _is_choice(letter: str, choices: Sequence[str]) -> bool:
    return ord(letter) - 65 < (len(choices) or 26)


def cluster(canonicals: Sequence[Hashable | None]) -> list[int]:
    """Equal answers get equal numbers, counted from 0 in order of first appearance; None, no answer, gets -1."""
    numbers: dict[Hashable, int] = {}
    return [-1 if answer is None else numbers.setdefault(answer, len(numbers)) for answer in canonicals]
