"""Strings of letters that follow a hidden grammar: does another one follow it too?"""

import random
from collections.abc import Iterator

from pydantic import Field, field_validator

from ..domain.errors import SourceError
from ..domain.types import ProblemDraft
from .automata import Automaton, bag_of_letters_accuracy, corrupted, random_automaton
from .base import Source, sources

_LETTERS = "BDFGHJKLMNPQRSTVWXZ"
#: Grammars that the letters alone give away more often than this are left out.
MOST_BY_LETTERS = 0.65
_TRIES = 500
_FOR_BASELINE = 100


@sources.register("artificial_grammar", label="Artificial grammars")
class ArtificialGrammar(Source):
    """Yes or no: does a string follow the pattern of those shown before? Half of the problems of each grammar are yes.

    Mind Your Step (by Step): Chain-of-Thought can Reduce Performance on Tasks where Thinking Makes Humans Worse, 2024. Each
    grammar is a finite-state automaton of 6 to 8 states over 5 or 6 letters. Strings that do not follow it are made of ones
    that do by swapping two letters, so that letters are as common in both; where no swap breaks the grammar, one letter is
    replaced. Grammars that a bag of letters solves in more than 65% of cases are left out. Problems of one grammar share its
    examples, so they have a `cluster` for the intervals.
    """

    grammars: int = Field(10, ge=1, le=1000, title="Grammars", description="Each with strings of its own to learn from")
    per_grammar: int = Field(4, ge=2, le=100, title="Problems per grammar", description="An even number: half yes, half no")
    examples: int = Field(16, ge=5, le=50, title="Examples", description="Grammatical strings shown with each problem")
    shortest: int = Field(3, ge=2, le=20, title="Shortest string", description="In letters")
    longest: int = Field(8, ge=3, le=12, title="Longest string", description="In letters")
    seed: int = Field(0, ge=0, lt=2**32, title="Seed", description="Another seed gives other grammars")

    @field_validator("per_grammar")
    @classmethod
    def _is_even(cls, n: int) -> int:
        if n % 2:
            raise ValueError("must be even, so that half of the problems are yes and half are no")
        return n

    def problems(self, path: str | None = None) -> Iterator[ProblemDraft]:
        """The drafts, grammar by grammar. The same options give the same problems."""
        for number in range(1, self.grammars + 1):
            yield from self._of_grammar(number)

    def _of_grammar(self, number: int) -> Iterator[ProblemDraft]:
        rng = random.Random(f"{self.seed}/{number}")
        for _ in range(_TRIES):
            letters = "".join(sorted(rng.sample(_LETTERS, rng.choice((5, 6)))))
            grammar = random_automaton(letters, rng)
            split = self._split(grammar, letters, rng)
            if split:
                training, right, wrong, by_letters = split
                break
        else:
            raise SourceError(
                f"No grammar with {self.examples} examples and {self.per_grammar} problems was found in {_TRIES} tries. "
                "Ask for fewer of them, or for longer strings."
            )
        half = self.per_grammar // 2
        asked = [(text, 0) for text in right[:half]] + [(text, 1) for text in wrong[:half]]
        rng.shuffle(asked)
        for place, (string, answer) in enumerate(asked, start=1):
            yield ProblemDraft(
                key=f"grammar{number:03}-{place:02}",
                question=_QUESTION.format(examples="\n".join(training), string=string),
                answers=(CHOICES[answer],),
                choices=CHOICES,
                metadata={"cluster": f"grammar{number:03}", "string": string, "by_letters": round(by_letters, 3)},
            )

    def _split(
        self, grammar: Automaton, letters: str, rng: random.Random
    ) -> tuple[list[str], list[str], list[str], float] | None:
        """Training strings, grammatical and other strings to ask about, and what letters alone reach; None if it will not do."""
        strings = grammar.strings(self.shortest, self.longest)
        rng.shuffle(strings)
        training, held_out = strings[: self.examples], strings[self.examples :][:_FOR_BASELINE]
        if len(held_out) < max(self.per_grammar, 20):
            return None
        half = len(held_out) // 2
        right = held_out[:half]
        made = (corrupted(text, letters, grammar, rng) for text in held_out[half:])
        wrong = list(dict.fromkeys(text for text in made if text))
        if min(len(right), len(wrong)) < self.per_grammar // 2:
            return None
        by_letters = bag_of_letters_accuracy(training, right, wrong)
        return (training, right, wrong, by_letters) if by_letters <= MOST_BY_LETTERS else None


CHOICES = ("Yes", "No")

_QUESTION = """These strings of letters all follow the same pattern:

{examples}

Does this string follow that pattern too?

{string}

Answer yes or no."""
