"""A number within a tolerance."""

from fractions import Fraction

from pydantic import Field

from ..domain import answers
from ..domain.answers import Found
from ..domain.normal_forms import NUMBER, number, number_in, write
from ..domain.types import Question, Target
from .base import Extraction, graders, quoted
from .extracting import ExtractingGrader


@graders.register("numeric", label="Number within a tolerance")
class Numeric(ExtractingGrader):
    """Right if the number found is as near to the target as either tolerance allows. Exact arithmetic, no rounding."""

    fallback = "last_number"

    absolute_tolerance: float = Field(
        0.0, ge=0, allow_inf_nan=False, title="Absolute tolerance", description="The difference allowed in any case"
    )
    relative_tolerance: float = Field(
        1e-6,
        ge=0,
        le=1,
        title="Relative tolerance",
        description="The difference allowed as a share of the target: 0.01 is one percent",
    )

    def extract(self, text: str, question: Question) -> Extraction:
        found = self.find(text)
        inside = _number_inside(found.text) if found else None
        if inside is None and found and self.extraction == "auto":
            # "The answer is as follows: ..." marks words; the number may still stand last.
            found = answers.last_number(answers.visible(text))
            inside = _number_inside(found.text) if found else None
        if inside is None:
            return Extraction(None, None, how="No number found.")
        value, is_percent = _read(inside)
        taken = Found(inside, found.explicit, found.complete or _ends_before(found.text, inside), found.how)
        return Extraction.of(taken, write(value) + ("%" if is_percent else ""), "")

    def compare(self, extraction: Extraction, target: Target) -> tuple[float, str]:
        given, given_percent = _read(extraction.answer)
        for answer in target.answers:
            inside = _number_inside(answer)
            if inside is None:
                continue
            wanted, wanted_percent = _read(inside)
            readings = {given}
            if given_percent != wanted_percent:
                # 50% is right where 50 was asked for as a percentage, and where 0.5 was; 0.5 is right for 50%.
                readings.add(given / 100 if given_percent else given * 100)
            allowed = max(Fraction(str(self.absolute_tolerance)), Fraction(str(self.relative_tolerance)) * abs(wanted))
            distance = min(abs(reading - wanted) for reading in readings)
            if distance <= allowed:
                return 1.0, f"{extraction.canonical} is {'' if distance == 0 else 'near enough to '}the target, {inside}."
        if not any(_number_inside(answer) for answer in target.answers):
            return 0.0, f"The target {quoted(*target.answers)} holds no number, so none can be right."
        return 0.0, f"{extraction.canonical} is not the target, {quoted(*target.answers)}."


def _number_inside(answer: str) -> str | None:
    """The number of an answer like “13 apples” or “5 + 8 = 13”: the first one after the last equals sign, or the first."""
    _, equals, result = answer.rpartition("=")
    for part in (result, answer) if equals else (answer,):
        for place in NUMBER.finditer(part):
            text = number_in(part, place)
            if _read(text) is not None:
                return text
    return None


def _read(text: str) -> tuple[Fraction, bool] | None:
    """(value, whether it is a percentage) of a text that is one number."""
    plain = text.rstrip("%").rstrip("\\ ")
    value = number(plain)
    return None if value is None else (value, text.endswith("%"))


def _ends_before(answer: str, inside: str) -> bool:
    """Whether words follow the number, so that it cannot have been cut."""
    return bool(answer.rpartition(inside)[2].strip(". "))
