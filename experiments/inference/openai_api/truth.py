"""What the truth test found: its verdicts, the rows of its table, and the stored report as the client goes by it."""

from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any


class Verdict(StrEnum):
    """What became of a request for something. UNCLEAR where the answer shows neither."""

    HONOURS = "honours"
    IGNORES = "ignores"
    REFUSES = "refuses"
    UNCLEAR = "unclear"


@dataclass(frozen=True)
class Row:
    """One line of the table. `found` is the way that works or the number that holds, for programs."""

    feature: str
    asked: str
    seen: str
    verdict: Verdict
    found: str = ""

    def as_json(self) -> dict[str, str]:
        return {**asdict(self), "verdict": self.verdict.value}


@dataclass(frozen=True)
class Truth:
    """The stored report by feature; nothing where the test was not taken."""

    rows: dict[str, dict[str, Any]] = field(default_factory=dict)
    asked_at: float = 0.0  # seconds since 1970

    @classmethod
    def of(cls, report: dict[str, Any] | None) -> "Truth":
        report = report or {}
        return cls({row["feature"]: row for row in report.get("rows", ())}, report.get("asked_at", 0.0))

    @property
    def day(self) -> date:
        return datetime.fromtimestamp(self.asked_at, UTC).date()

    def honours(self, feature: str) -> bool:
        return self.rows.get(feature, {}).get("verdict") == Verdict.HONOURS

    def seen(self, feature: str) -> str:
        return self.rows.get(feature, {}).get("seen", "not tested")

    def found(self, feature: str) -> str:
        """The way or the number that the check found out; empty where the feature is not honoured."""
        return self.rows.get(feature, {}).get("found", "") if self.honours(feature) else ""
