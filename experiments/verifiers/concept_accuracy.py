"""Whether an answer about a concept is true and grounded in its text."""

from .base import verifiers
from .concept_judges import ConceptJudge


@verifiers.register("concept_accuracy", label="Concept judge: true and grounded")
class ConceptAccuracy(ConceptJudge):
    """A language model says from 0 to 1 whether an answer about a concept is true and grounded, whatever its length.

    As the judge of staying inside the text, on another axis, so that both can be told apart. Costs a call for each
    text, and misleads where the judge itself has the concept wrong.
    """

    axis = "Is what the answer says true, and grounded in the text? Ignore how long it is."
