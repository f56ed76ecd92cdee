"""Whether an answer about a concept answers the question."""

from .base import verifiers
from .concept_judges import ConceptJudge


@verifiers.register("concept_completeness", label="Concept judge: answers the question")
class ConceptCompleteness(ConceptJudge):
    """A language model says from 0 to 1 whether an answer about a concept answers the question that was asked.

    As the judge of staying inside the text, on a third axis. Costs a call for each text, and tends to favour longer
    answers.
    """

    axis = "Does the answer answer the question, as far as the text and the rule allow?"
