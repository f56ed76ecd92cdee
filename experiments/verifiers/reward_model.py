"""A trained reward model behind an endpoint."""

from ..domain.types import Message, Question, Sample
from .base import RATES, VerifierLab, verifiers
from .judges import Asks


@verifiers.register("reward_model", label="Reward model")
class RewardModel(Asks):
    """What a trained reward model gives the conversation that ends with this text; its own scale, higher is better.

    As in best-of-N with a reward model: Training Verifiers to Solve Math Word Problems, 2021. The judge must be an entry of
    the language models of the kind “Remote reward model”.

    Costs one call for each text, in which nothing is written. Reward models were trained on other models' texts: they prefer
    a manner of writing, and the best of many samples is where they err most. Look at its ranking within problems first.
    """

    @property
    def judge_needs(self) -> frozenset[str]:
        return frozenset({RATES})

    async def score(self, question: Question, sample: Sample, lab: VerifierLab) -> float | None:
        return await lab.reward_of((*question.messages, Message("assistant", sample.whole_text)))
