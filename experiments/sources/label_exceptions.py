"""Things to be sorted by a rule that holds for most of them: how soon are the exceptions learned?"""

import random
from collections.abc import Iterator, Sequence

from pydantic import Field

from ..domain.types import ProblemDraft
from .base import Source, sources


@sources.register("label_exceptions", label="Labels with exceptions")
class LabelExceptions(Source):
    """Ten vehicles in two garages, to be learned from feedback with the strategy “Learn labels”. A problem is one learner.

    Mind Your Step (by Step): Chain-of-Thought can Reduce Performance on Tasks where Thinking Makes Humans Worse, 2024; the
    vehicles are ours. One of five two-valued features tells the garage of eight vehicles, an exception from each garage
    breaks the rule, no other feature is right for more than seven, and the number plate alone is each vehicle's own. The
    metadata lists the `objects` with their labels in the order of no pass; the question itself asks about an exception.
    """

    learners: int = Field(20, ge=1, le=1000, title="Learners", description="Each with vehicles and a rule of its own")
    seed: int = Field(0, ge=0, lt=2**32, title="Seed", description="Another seed gives other vehicles")

    def problems(self, path: str | None = None) -> Iterator[ProblemDraft]:
        """The drafts, learner by learner. The same options give the same problems."""
        for number in range(1, self.learners + 1):
            rng = random.Random(f"{self.seed}/{number}")
            rule = rng.randrange(len(FEATURES))
            vehicles = _vehicles(rule, rng)
            objects = [
                {"text": _described(features, plate), "label": LABELS[label]}
                for (features, label), plate in zip(vehicles, _plates(rng), strict=True)
            ]
            yield ProblemDraft(
                key=f"learner{number:04}",
                question=_QUESTION.format(vehicle=objects[0]["text"]),
                answers=(objects[0]["label"],),
                choices=tuple(f"Garage {label}" for label in LABELS),
                metadata={"objects": objects, "rule": "/".join(FEATURES[rule])},
            )


LABELS = ("A", "B")
FEATURES = (
    ("red", "blue"),
    ("van", "truck"),
    ("an open roof", "a closed roof"),
    ("round lights", "square lights"),
    ("four wheels", "six wheels"),
)
#: How many of the ten the best other feature may get right, whichever way round it is read.
MOST_BY_OTHERS = 7
_PER_LABEL = 5
_LETTERS = "BCDFGHJKLMNPRSTVWXZ"


def _vehicles(rule: int, rng: random.Random) -> list[tuple[tuple[int, ...], int]]:
    """Features and label of ten vehicles, one exception of each label first."""
    while True:
        found = []
        for label in (0, 1):
            for i in range(_PER_LABEL):
                features = [rng.randrange(2) for _ in FEATURES]
                features[rule] = 1 - label if i == 0 else label
                found.append((tuple(features), label))
        others = [place for place in range(len(FEATURES)) if place != rule]
        if all(n_right(found, place) <= MOST_BY_OTHERS for place in others):
            exceptions, others = found[::_PER_LABEL], [each for i, each in enumerate(found) if i % _PER_LABEL]
            rng.shuffle(exceptions)
            rng.shuffle(others)
            return exceptions + others


def n_right(vehicles: Sequence[tuple[Sequence[int], int]], place: int) -> int:
    """How many labels the feature at that place tells, read the better way round."""
    same = sum(features[place] == label for features, label in vehicles)
    return max(same, len(vehicles) - same)


def _plates(rng: random.Random) -> list[str]:
    numbers = rng.sample(range(100, 1000), 2 * _PER_LABEL)
    return [f"{''.join(rng.sample(_LETTERS, 2))} {number}" for number in numbers]


def _described(features: Sequence[int], plate: str) -> str:
    colour, body, roof, lights, wheels = (names[value] for names, value in zip(FEATURES, features, strict=True))
    return f"A {colour} {body} with {roof}, {lights}, {wheels} and the number plate {plate}."


_QUESTION = """Every vehicle belongs in garage A or in garage B. You will see the vehicles one after the other, several times. \
Say where each belongs; at first you have to guess, and then you are told.

{vehicle}

Does it belong in garage A or in garage B?"""
