"""How often and how patiently a request is tried again after a transient failure."""

import random
from dataclasses import dataclass


@dataclass(frozen=True)
class Retries:
    """`tries` in all. Pauses double and are drawn at random below their bound, so that many requests do not return at once."""

    tries: int = 6
    first_seconds: float = 0.5
    longest_seconds: float = 30.0

    def pause_seconds(self, failures: int) -> float:
        bound = min(self.first_seconds * 2 ** (failures - 1), self.longest_seconds)
        return random.uniform(bound / 2, bound)


#: About half a minute of tries: an engine starts again in that time, a short outage of an endpoint passes.
PATIENT = Retries()
