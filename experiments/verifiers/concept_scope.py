"""Whether an answer about a concept stays inside its text."""

from .base import verifiers
from .concept_judges import ConceptJudge


@verifiers.register("concept_scope", label="Concept judge: stays inside the text")
class ConceptScope(ConceptJudge):
    """A language model says from 0 to 1 whether an answer about a concept keeps to what its text says.

    CDCT: Separating Constraint Compliance from Semantic Accuracy, 2025; the wording is ours. Length is not judged but counted.
    Costs a call for each text. It favours texts like those it would write itself: a jury takes at least three judges that are
    other models than those under test.
    """

    axis = "Does the answer say only what the text says? Ignore whether it is true and how long it is."
