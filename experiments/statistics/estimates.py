"""The shape every reported number has: an estimate never travels without its n and its interval."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Estimate:
    """`value` with its 95% interval over `n` problems. `method` names the interval, e.g. "Wilson" or "bootstrap over problems".

    `value`, `low` and `high` are None where there is no data (n = 0); they never decay into 0.
    """

    value: float | None
    low: float | None
    high: float | None
    n: int
    method: str

    @property
    def excludes_zero(self) -> bool:
        """Whether a difference may be called one. False also where the interval is missing."""
        return self.low is not None and self.high is not None and (self.low > 0 or self.high < 0)
