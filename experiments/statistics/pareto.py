"""What costs more has to be better: the points that no other one beats."""

from collections.abc import Iterable

Point = tuple[float, float]


def frontier(points: Iterable[Point]) -> list[Point]:
    """Of (cost, accuracy): those that no other point beats in one without losing in the other, the cheapest first.

    Points in the same place count as one.
    """
    best: list[Point] = []
    for cost, accuracy in sorted(points, key=lambda point: (point[0], -point[1])):
        if not best or accuracy > best[-1][1]:
            best.append((cost, accuracy))
    return best
