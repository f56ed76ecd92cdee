"""Put passages beside the question that are close to it and do not answer it."""

from pydantic import Field

from ..domain.errors import InvalidInput
from ..domain.types import Question
from .base import treatments
from .distracting import Placed, drawn, first_words, put_beside


@treatments.register("hard_negatives", label="Hard negatives")
class HardNegatives(Placed):
    """Passages that the dataset brings with each problem. The hard negatives of Lost in the Noise, How Reasoning Models Fail
    with Contextual Distractors, 2026. That they do not give the answer away is for the dataset's maker to see to.
    """

    column: str = Field(
        "hard_negatives",
        min_length=1,
        max_length=100,
        title="Column",
        description="Of the problem's metadata: a list of passages, or one text with blank lines between them",
    )

    def apply(self, question: Question, seed: int) -> Question:
        value = question.metadata.get(self.column)
        passages = value.split("\n\n") if isinstance(value, str) else value if isinstance(value, list) else []
        passages = [passage.strip() for passage in passages if isinstance(passage, str) and passage.strip()]
        if len(passages) < self.amount:
            found = f"has {len(passages)}" if self.column in question.metadata else "is missing"
            raise InvalidInput(
                f"{self.amount} hard negatives are wanted, and the column “{self.column}” of the problem's metadata {found}: "
                "add the passages to the dataset, name another column, or take fewer."
            )
        texts = [first_words(passage, self.words) for passage in drawn(passages, self.amount, seed)]
        return put_beside(question, texts, self, seed)
