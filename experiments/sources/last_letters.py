"""Words whose last letters are to be put together: a task of as many steps as there are words."""

import math
import random
from collections.abc import Iterator

from pydantic import Field

from ..domain.errors import SourceError
from ..domain.types import ProblemDraft
from .base import Source, sources

_WORDS = """
amber anchor apron arrow basket beacon bottle bridge butter button candle carpet castle chalk chapel cherry circle cloud
copper cotton cradle dragon drum eagle ember engine fabric falcon feather fiddle flint forest fossil garden ginger glove
grape hammer harbor hazel helmet hollow island ivory jacket jewel kettle kitten ladder lantern lemon linen lizard magnet
maple marble meadow mirror mitten monk napkin needle nickel oak olive orchid otter paddle parrot pebble pepper pigeon pillow
planet pocket poem quilt rabbit raven ribbon river robin rocket saddle salmon shadow shelf silver sparrow spiral stamp sugar
summit talon temple thistle ticket timber tulip tunnel turnip valley velvet violet wagon walnut weasel willow window winter
zebra
"""
WORDS = tuple(_WORDS.split())


@sources.register("last_letters", label="Last letters of words")
class LastLetters(Source):
    """Take the last letter of each of some words and put them together. Chain-of-Thought Prompting Elicits Reasoning in Large
    Language Models, 2022; the words are ours. More words take more steps, and nothing else changes.
    """

    size: int = Field(40, ge=1, le=10_000, title="Problems", description="How many to make; no two have the same words")
    words: int = Field(2, ge=1, le=8, title="Words", description="In each problem")
    seed: int = Field(0, ge=0, lt=2**32, title="Seed", description="Another seed gives other problems")

    def problems(self, path: str | None = None) -> Iterator[ProblemDraft]:
        """The drafts; the same options give the same ones."""
        rng = random.Random(self.seed)
        seen: set[tuple[str, ...]] = set()
        if self.size > (most := math.perm(len(WORDS), self.words)):
            raise SourceError(f"With {self.words} of {len(WORDS)} words there are only {most} problems; ask for no more.")
        while len(seen) < self.size:
            chosen = tuple(rng.sample(WORDS, self.words))
            if chosen not in seen:
                seen.add(chosen)
                yield ProblemDraft(
                    key=f"letters-{len(seen):04}",
                    question=f"Take the last letter of each word in “{' '.join(chosen)}” and put them together.",
                    answers=("".join(word[-1] for word in chosen),),
                    metadata={"n_words": self.words},
                )
