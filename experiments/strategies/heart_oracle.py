"""HEART with a checker that knows the truth."""

from .base import strategies
from .emotions import EmotionalLoop
from .keeping import OracleLoop


@strategies.register("heart_oracle", label="HEART (oracle)")
class HeartOracle(EmotionalLoop, OracleLoop):
    """As HEART, but stops at the first right answer, as only an oracle could: an upper bound, never an accuracy.

    HEART: Emotionally-driven test-time scaling of Language Models, 2025. Hearing of a mistake only when there is one gives the
    label away: with k choices, T further answers reach 1 - (1 - 1/k)^(T+1) by guessing alone. Compare with the schedule
    “resample”, which has the same oracle and no phrases.
    """

    @property
    def samples_per_attempt(self) -> int:
        return self.chains * self.depth
