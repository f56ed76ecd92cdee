"""What no perturbation may touch: numbers, units, negations, quoted strings, option letters, code, formulas and addresses."""

import re

_UNITS = (
    "km|cm|mm|nm|m|miles?|inch(?:es)?|feet|foot|ft|yards?|kg|mg|g|grams?|tons?|tonnes?|pounds?|lbs?|ounces?|oz|"
    "l|ml|lit(?:er|re)s?|gallons?|s|ms|seconds?|minutes?|min|hours?|h|days?|weeks?|months?|years?|decades?|centuries|"
    "km/h|mph|m/s|knots?|hertz|k?hz|mhz|ghz|watts?|k?wh?|volts?|v|amperes?|newtons?|joules?|calories|kcal|kelvin|degrees?|"
    "celsius|fahrenheit|percent|per cent|dollars?|euros?|cents?|pence|bits?|bytes?|kb|mb|gb|tb|square|cubic|dozen"
)
_NUMBER_WORDS = (
    "zero|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|"
    "nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundred|thousand|million|billion|trillion|dozen|half|"
    "third|quarter|twice|first|second|once|double|triple"
)
_NEGATIONS = "no|not|never|none|nor|neither|without|cannot|nobody|nothing|nowhere|except|unless|hardly|[a-z]+n['’]t"

_CODE = r"```.*?(?:```|\Z)|`[^`\n]*`"
_QUOTED = r"\"[^\"\n]*\"|“[^”\n]*”|«[^»\n]*»|‘[^’\n]*’|(?<!\w)'[^'\n]+'(?!\w)"
_FORMULA = r"\$[^$\n]+\$|\\\w+(?:\{[^{}]*\})*"
_ADDRESS = r"\S*(?:://|[@/\\])\S*"
_LABEL = r"^[ \t]*\(?(?:\d+|[A-Za-z])[.)](?=\s)|(?<!\w)\(?[A-Z][.)](?=\s)|\([A-Za-z]\)|(?<![\w'’])[A-Za-z](?![\w'’])"
# A piece with a digit or underscore up to its last letter or digit, so that the full stop after it still ends a sentence.
_NUMBER = rf"[^\s]*[\d_](?:[^\s]*[\w%°€$£])?(?:\s+(?i:{_UNITS})(?!\w))?"
_WORD = rf"(?<!\w)(?i:(?:{_NEGATIONS})(?![\w’'])|(?:{_NUMBER_WORDS})(?![\w’'])(?:\s+(?:{_UNITS})(?!\w))?)"

_PROTECTED = re.compile("|".join([_CODE, _QUOTED, _FORMULA, _ADDRESS, _LABEL, _NUMBER, _WORD]), re.DOTALL | re.MULTILINE)
_LETTERS = re.compile(r"(?<![\w'’])[^\W\d_]{2,}(?:['’][^\W\d_]+)*(?![\w'’])")

Span = tuple[int, int]


def protected_spans(text: str) -> list[Span]:
    """In order, without overlaps: (start, end) of every stretch that has to stay to the letter."""
    return [place.span() for place in _PROTECTED.finditer(text)]


def open_words(text: str) -> list[Span]:
    """In order: the words that may be changed. They have two letters or more and touch nothing protected."""
    closed = protected_spans(text)
    return [place.span() for place in _LETTERS.finditer(text) if not is_inside(place.span(), closed)]


def is_inside(span: Span, closed: list[Span]) -> bool:
    """Whether the span shares a character with any of the others."""
    return any(start < span[1] and span[0] < end for start, end in closed)


def is_open(text: str) -> bool:
    """Whether nothing in it reads as a number, a negation or anything else that is protected."""
    return _PROTECTED.search(text) is None
