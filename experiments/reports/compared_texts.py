"""Which texts of two attempts show best why their verdicts differ."""

from ..models import Attempt, Grade
from .attempt_samples import ReadSample, samples_page

_LOOKED_AT = 64


def compared_samples(first: Attempt, second: Attempt) -> tuple[ReadSample | None, ReadSample | None]:
    """One text of each: two with different verdicts where there are such, else the first of each; None where there is none."""
    mine, other = ([*samples_page(each.run, each, -1, _LOOKED_AT)[0]] for each in (first, second))
    if not mine or not other:
        return (mine[0] if mine else None), (other[0] if other else None)
    right = Grade.Verdict.CORRECT
    for one in mine:
        for two in other:
            if (one.state == right) != (two.state == right):
                return one, two
    return mine[0], other[0]
