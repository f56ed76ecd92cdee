"""How an endpoint's model stands with those who ask it from this process."""

from dataclasses import dataclass


@dataclass(frozen=True)
class EndpointStanding:
    """`breaker` is "closed", "half open" (the next call shows whether it is back) or "open" for `seconds_until_asked`."""

    name: str
    breaker: str
    seconds_until_asked: float
    n_under_way: int
    n_waiting: int
    most_under_way: int
