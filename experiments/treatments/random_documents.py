"""Put documents beside the question that have nothing to do with it."""

from ..domain.types import Question
from .base import treatments
from .distracting import Placed, drawn, first_words, put_beside, shipped


@treatments.register("random_documents", label="Random documents")
class RandomDocuments(Placed):
    """Short passages about everyday life, shipped with Assay; which ones is drawn for each problem. The random documents of
    Lost in the Noise, How Reasoning Models Fail with Contextual Distractors, 2026; the texts are ours.
    """

    def apply(self, question: Question, seed: int) -> Question:
        texts = [first_words(text, self.words) for text in drawn(shipped()["passages"], self.amount, seed)]
        return put_beside(question, texts, self, seed)
