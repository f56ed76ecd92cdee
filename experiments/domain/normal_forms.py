r"""Normal forms of answers: what is written differently but means the same votes together.

`canonical` strips what wraps an answer ($, \boxed, \text, **, quotes, a full stop), writes numbers one way (1,234.50 is
1234.5, \frac{2}{4} is 0.5, 2/6 is 1/3) and folds case. Units and percent signs are kept: 13 apples is not 13.
"""

import re
import unicodedata
from fractions import Fraction

# Beyond this an answer is prose: only its spaces and its case are normalised.
_LONGEST_ANSWER = 2000
# A number with more digits, or a larger exponent, is left as text: writing it out would take for ever.
_MOST_DIGITS = 200
_MOST_PASSES = 5

_DIGITS = r"(?:\d{1,3}(?:(?:,|\{,\}|\\,|[\u00a0\u2009\u202f])\d{3})+(?!\d)|\d+)(?:\.\d+)?|\.\d+"
_PLAIN = rf"(?:{_DIGITS})(?:[eE][-+]?\d{{1,2}}(?!\d))?"
# One number without its sign: a LaTeX fraction (with a whole part or not), or digits with a fraction bar or not.
NUMBER = re.compile(
    rf"""
    (?: (?P<whole>\d{{1,9}}) \s? )? \\[dt]?frac \s?
      (?: \{{\s?(?P<top>-?\d{{1,20}})\s?\}} \s? \{{\s?(?P<bottom>\d{{1,20}})\s?\}} | (?P<digits>\d\d) )
    | (?<![\w.]) (?: (?P<mixed>\d{{1,9}})\s )? (?P<above>\d{{1,20}}) \s?/\s? (?P<below>\d{{1,20}}) (?![\w/]|\.\d)
    | (?<![\d.]) (?P<plain>{_PLAIN})
    """,
    re.VERBOSE,
)
_PERCENT = re.compile(r"\s?\\?%")
_LATEX_SPACES = re.compile(r"\\[,;:! ]|~|\\q?quad\b")
_SPACES = re.compile(r"\s+")
_AROUND_COMMA = re.compile(r"\s*,\s*")
_ASSIGNMENT = re.compile(r"[A-Za-z]\w{0,15}\s*=\s*(?=[^=\s])")
_CURRENCY = re.compile(r"([-+]?)\s?(?:\\?\$|[€£¥])\s?(?=[\d.])")
_LIST = re.compile(r"(?:\\left)?\s*(\\\{|[\[({])([^\[\](){}]*?)(?:\\right)?\s*(\\\}|[\])}])")
_WRAPPED = re.compile(r"\\(?:boxed|fbox|text|textbf|mathrm|mathbf)\s?\{(.*)\}", re.DOTALL)
_WRAPPERS = (
    ("$$", "$$"),
    ("$", "$"),
    (r"\(", r"\)"),
    (r"\[", r"\]"),
    ("**", "**"),
    ("*", "*"),
    ("`", "`"),
    ('"', '"'),
    ("'", "'"),
)
_LOOKALIKES = str.maketrans("\u2212\ufe63\uff0d\u2018\u2019\u201c\u201d\u00a0\u2009\u202f", "---''\"\"   ")


def canonical(answer: str, case_sensitive: bool = False) -> str:
    """The answer's normal form; applying it twice changes nothing. Empty where the answer is nothing but wrapping."""
    form = _normalised(answer, case_sensitive)
    # What one pass takes away can uncover more: behind the space of "\,007" stands a number.
    for _ in range(_MOST_PASSES):
        form, before = _normalised(form, case_sensitive), form
        if form == before:
            break
    return form


def _normalised(answer: str, case_sensitive: bool) -> str:
    text = unicodedata.normalize("NFC", answer).translate(_LOOKALIKES)
    if len(text) <= _LONGEST_ANSWER:
        text = unwrap(text)
        assignment = _ASSIGNMENT.match(text)
        if assignment and "=" not in text[assignment.end() :]:
            text = unwrap(text[assignment.end() :])
        text = _list(text) or _quantity(text)
    text = _SPACES.sub(" ", text).strip()
    return text if case_sensitive else text.casefold()


def number(text: str) -> Fraction | None:
    """The exact value of a text that is one number, with sign and currency but without unit; None otherwise."""
    text = _CURRENCY.sub(r"\1", text.translate(_LOOKALIKES).strip(), count=1)
    sign, digits = (-1, text[1:].lstrip()) if text.startswith("-") else (1, text.removeprefix("+").lstrip())
    match = NUMBER.fullmatch(digits)
    value = _value(match) if match else None
    return None if value is None else sign * value


def number_in(text: str, place: re.Match) -> str:
    """The number at one of NUMBER's places in a text as it is written there: with its sign, and a percent sign.

    A minus counts as a sign where nothing stands before it that it could be subtracted from: 10-5 ends in 5, x = - 5 in -5.
    """
    begin = place.start()
    before = text[max(0, begin - 8) : begin]
    head = before.rstrip(" $\\")
    if head.endswith(("-", "\u2212", "\u2013")):
        earlier = head[:-1]
        touching = head == before.rstrip("$\\")
        subtracts = (
            earlier[-1:].isalnum() or earlier[-1:] in tuple(")]}%")
            if touching
            else earlier.rstrip(" ")[-1:] not in ("", *"=:(\n")
        )
        if not subtracts:
            begin -= len(before) - len(earlier)
    percent = _PERCENT.match(text, place.end())
    return text[begin : percent.end() if percent else place.end()]


def unwrap(text: str) -> str:
    """Without what wraps the whole of it and without a full stop, over and over until nothing changes."""
    while True:
        text = before = text.strip()
        for opening, closing in _WRAPPERS:
            inner = text[len(opening) : -len(closing)]
            if (
                len(text) >= len(opening) + len(closing)
                and text.startswith(opening)
                and text.endswith(closing)
                and closing not in inner
            ):
                text = inner
        wrapped = _WRAPPED.fullmatch(text)
        if wrapped and _closes_at_its_end(wrapped.group(1)):
            text = wrapped.group(1)
        if text.endswith((".", ",", ";")) and not text.endswith(".."):
            text = text[:-1]
        if text == before:
            return text


def write(value: Fraction) -> str:
    """A number in its one spelling: 13, 0.5 or, where no decimal is exact, 1/3."""
    rest = value.denominator
    places = 0
    for factor in (10, 2, 5):
        while rest % factor == 0:
            rest, places = rest // factor, places + 1
    if rest != 1:
        return f"{value.numerator}/{value.denominator}"
    digits = str(abs(value.numerator) * 10**places // value.denominator).rjust(places + 1, "0")
    sign = "-" if value < 0 else ""
    return sign + (f"{digits[:-places]}.{digits[-places:]}".rstrip("0").rstrip(".") if places else digits)


def _closes_at_its_end(content: str) -> bool:
    """Whether a brace opened before `content` is still open all through it."""
    depth = 0
    for brace in re.findall(r"(?<!\\)[{}]", content):
        depth += 1 if brace == "{" else -1
        if depth < 0:
            return False
    return depth == 0


def _list(text: str) -> str | None:
    """A tuple, an interval or a set with each member in normal form; the members of a set are sorted."""
    match = _LIST.fullmatch(text)
    if not match or "," not in match.group(2):
        return None
    opening, closing = match.group(1)[-1], match.group(3)[-1]
    members = [_quantity(unwrap(member)) for member in match.group(2).split(",")]
    if (opening, closing) == ("{", "}"):
        members.sort()
    return f"{opening}{', '.join(members)}{closing}"


def _quantity(text: str) -> str:
    """A number, alone or with its unit, in its one spelling; other text with its spacing in order."""
    text = _CURRENCY.sub(r"\1", text, count=1) if _CURRENCY.match(text) else text
    sign, digits = ("-", text[1:].lstrip()) if text.startswith("-") else ("", text.removeprefix("+").lstrip())
    match = NUMBER.match(digits)
    value = _value(match) if match else None
    if value is None:
        return _AROUND_COMMA.sub(", ", _LATEX_SPACES.sub(" ", text).replace(r"\%", "%"))
    unit = _SPACES.sub(" ", _LATEX_SPACES.sub(" ", digits[match.end() :]).replace(r"\%", "%"))
    if unit and not re.match(r"\s|%|°|[a-zA-Z]", unit):
        return _AROUND_COMMA.sub(", ", _LATEX_SPACES.sub(" ", text))
    written = write(-value if sign else value)
    return written + unit.replace(" %", "%") if unit.strip() else written


def _value(match: re.Match) -> Fraction | None:
    """What one of NUMBER's matches is worth; None for a division by zero and for too many digits."""
    part = match.groupdict()
    if part["plain"]:
        digits = re.sub(r"[^\d.eE+\-]", "", part["plain"])
        return Fraction(digits) if len(digits) <= _MOST_DIGITS else None
    if part["digits"]:
        top, bottom = part["digits"]
    else:
        top, bottom = part["top"] or part["above"], part["bottom"] or part["below"]
    if not int(bottom):
        return None
    return Fraction(int(top), int(bottom)) + int(part["whole"] or part["mixed"] or 0)
