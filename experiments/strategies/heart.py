"""HEART: an emotional phrase about the answer, another emotion in each round, then the answer again."""

from .base import strategies
from .emotions import EmotionalLoop
from .keeping import BlindLoop


@strategies.register("heart", label="HEART (verifier-free)")
class Heart(EmotionalLoop, BlindLoop):
    """Answer, hear a short emotional phrase, answer again; all rounds are run and one answer is kept without the truth.

    HEART: Emotionally-driven test-time scaling of Language Models, 2025. The phrases are our own, for the paper's list was not
    at hand. Its claim is the emotion's gain over the neutral schedule at equal depth, paired by problem: run both. It misleads
    where a weak model obeys any doubt: look at the over-correction rate.
    """

    @property
    def samples_per_attempt(self) -> int:
        return self.chains * self.depth + self.n_final_texts
