"""Two statements of the form “if A, then B”: can both be true?"""

import random
from collections.abc import Iterator

from pydantic import Field, field_validator

from ..domain.types import ProblemDraft
from .base import Source, sources


@sources.register("consistent_statements", label="Pairs of statements")
class ConsistentStatements(Source):
    """Yes or no: can two statements of the form “if A, then B” both be true? Half of the problems are yes.

    After the logical inconsistencies in Mind Your Step (by Step): Chain-of-Thought can Reduce Performance on Tasks where Thinking
    Makes Humans Worse, 2024; the wording is ours, and A is always unlikely. In pure logic “if A, then B” and “if A, then not B”
    are both true as long as A never happens, so each problem supposes that A happens: then they contradict each other. Pairs
    that do not contradict say the same twice, speak of another consequence, or speak of another condition; shared words alone
    or a “not” alone do not give the answer away. The metadata names the `kind` of pair.
    """

    pairs: int = Field(100, ge=2, le=10_000, title="Pairs", description="An even number: half yes, half no")
    seed: int = Field(0, ge=0, lt=2**32, title="Seed", description="Another seed gives other pairs")

    @field_validator("pairs")
    @classmethod
    def _is_even(cls, n: int) -> int:
        if n % 2:
            raise ValueError("must be even, so that half of the problems are yes and half are no")
        return n

    def problems(self, path: str | None = None) -> Iterator[ProblemDraft]:
        """The drafts, a yes and a no for every two, in random order. The same options give the same problems."""
        for start in range(1, self.pairs, 2):
            rng = random.Random(f"{self.seed}/{start}")
            kinds = ["opposite", rng.choice(CONSISTENT)]
            rng.shuffle(kinds)
            for number, kind in enumerate(kinds, start=start):
                yield _draft(number, kind, rng)


CHOICES = ("Yes", "No")
#: Kinds of pairs that can both be true.
CONSISTENT = ("same", "other consequence", "other condition")


def _draft(number: int, kind: str, rng: random.Random) -> ProblemDraft:
    condition, other_condition = rng.sample(_CONDITIONS, 2)
    consequence, other_consequence = rng.sample(_CONSEQUENCES, 2)
    side = rng.randrange(2)
    other_side = side if kind == "same" else 1 - side
    first = (condition, consequence[side])
    second = (
        other_condition if kind == "other condition" else condition,
        (other_consequence if kind == "other consequence" else consequence)[other_side],
    )
    statements = [_IF_FIRST.format(*first), _IF_LAST.format(*second)]
    rng.shuffle(statements)
    text = "\n".join(statement[0].upper() + statement[1:] for statement in statements)
    return ProblemDraft(
        key=f"pair{number:05}",
        question=_QUESTION.format(statements=text, condition=condition),
        answers=(CHOICES[kind == "opposite"],),
        choices=CHOICES,
        metadata={"kind": kind},
    )


_IF_FIRST = "if {0}, then {1}."
_IF_LAST = "{1} if {0}."

_QUESTION = """Two statements:

{statements}

Suppose that one day {condition}. Can both statements be true on that day?

Answer yes or no."""

_CONDITIONS = (
    "the town clock strikes thirteen",
    "it snows on the hottest day of July",
    "a swan walks into the town hall",
    "the mayor arrives in a hot-air balloon",
    "every bus in town is painted purple overnight",
    "a whale is seen in the village pond",
    "the school bell rings by itself",
    "the bridge is lifted away by a helicopter",
    "a horse wins the chess tournament",
    "the river flows uphill for an hour",
    "all the street lamps turn green",
    "a circus tent lands on the football pitch",
    "the baker finds a pearl in a loaf",
    "two rainbows cross above the station",
    "the oldest oak in the park speaks",
    "a meteorite falls into the fountain",
    "the lighthouse is sold for one coin",
    "an elephant queues at the post office",
)

#: What may follow and its opposite; no two of them have to do with each other.
_CONSEQUENCES = (
    ("the ferry sails", "the ferry does not sail"),
    ("the library opens", "the library does not open"),
    ("the cinema shows a film", "the cinema does not show a film"),
    ("the market takes place", "the market does not take place"),
    ("Ruth bakes a cake", "Ruth does not bake a cake"),
    ("the choir sings", "the choir does not sing"),
    ("Omar paints his fence", "Omar does not paint his fence"),
    ("the bank lends money", "the bank does not lend money"),
    ("the swimming pool is heated", "the swimming pool is not heated"),
    ("Ines repairs her bicycle", "Ines does not repair her bicycle"),
    ("the newspaper is printed", "the newspaper is not printed"),
    ("the goats are milked", "the goats are not milked"),
    ("the night train stops", "the night train does not stop"),
    ("Piotr writes a letter", "Piotr does not write a letter"),
    ("the museum sells tickets", "the museum does not sell tickets"),
    ("the roses are watered", "the roses are not watered"),
)
