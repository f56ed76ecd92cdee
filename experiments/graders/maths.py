"""Mathematically the same, by math-verify: fractions, roots, intervals, sets, equations, matrices."""

import logging
import re
from functools import lru_cache
from typing import Any

from ..domain.normal_forms import canonical
from ..domain.types import Question, Target
from .base import Extraction, graders, quoted
from .extracting import ExtractingGrader

# Larger expressions are compared, but not simplified into a normal form: that can take minutes.
_MOST_OPERATIONS = 60
# LaTeX mode reads every letter as a variable, and would find that a dog is a god.
_PROSE = re.compile(r"(?<![\\A-Za-z])(?!(?:sin|cos|tan|cot|sec|csc|log|exp|sqrt|mod|inf)[^A-Za-z])[A-Za-z]{3,}")


@graders.register("maths", label="Maths equivalence")
class Maths(ExtractingGrader):
    """Right if math-verify finds the answer equal to the target. It is known to hang (its issue 65), so it runs killable."""

    can_hang = True
    fallback = "last_line"

    @classmethod
    def prepare(cls) -> None:
        _parse("\\frac{1}{2} + (1, 2]")

    def extract(self, text: str, question: Question) -> Extraction:
        found = self.find(text)
        if found is None:
            return Extraction(None, None, how="No answer found.")
        parsed = _parse(found.text)
        if not found.explicit and not parsed:
            return Extraction(None, None, how="Nothing was marked as the answer, and the last line holds no mathematics.")
        form = _normal_form(parsed) or canonical(found.text)
        return Extraction.of(found if form else None, form, "No answer found.")

    def compare(self, extraction: Extraction, target: Target) -> tuple[float, str]:
        from math_verify import verify

        given = _parse(extraction.answer)
        for answer in target.answers:
            # The library's own time limit needs signals, and gives way where it is needed most; the process's is used instead.
            if canonical(answer) == canonical(extraction.answer) or verify(_parse(answer), given, timeout_seconds=None):
                return 1.0, f"{quoted(extraction.canonical)} equals the target {quoted(answer)}."
        return 0.0, f"{quoted(extraction.canonical)} does not equal {quoted(*target.answers)}."


@lru_cache(maxsize=1000)
def _parse(answer: str) -> list[Any]:
    r"""What math-verify reads in an answer: [expression, its text], or [] where it reads nothing."""
    from math_verify import parse

    # It warns once that its time limit is off; the process that runs this has one.
    logging.getLogger("math_verify").setLevel(logging.ERROR)
    plain = canonical(answer, case_sensitive=True)
    parsed = parse(plain if _PROSE.search(plain) else f"${plain}$", parsing_timeout=None)
    return parsed if parsed and not isinstance(parsed[0], str) else []


def _normal_form(parsed: list[Any]) -> str | None:
    """The simplified expression as text, so that equal answers vote together."""
    if not parsed:
        return None
    import sympy

    expression = parsed[0]
    try:
        if isinstance(expression, sympy.Expr) and sympy.count_ops(expression) <= _MOST_OPERATIONS:
            # Expanded, because simplify keeps (x + 1)**2 and x**2 + 2*x + 1 each as they are.
            expression = sympy.expand(sympy.simplify(expression))
        return str(expression)
    except (ArithmeticError, AttributeError, NotImplementedError, RecursionError, TypeError, ValueError):
        return None
