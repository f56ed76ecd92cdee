"""How a process feels: how late its event loop is, how long its writer takes, and what it has done so far."""

import asyncio
import hashlib
from collections import Counter, deque
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from functools import cache
from pathlib import Path
from time import monotonic

from django.conf import settings

from ..inference.standing import EndpointStanding
from ..models import Attempt, Call, Grade, Sample
from ..models.vitals import Counts, EndpointVitals, Vitals, ending_of
from .storing import AttemptEnding, Fact

# Long enough that two visits of a watcher, usually 15 s apart, miss no peak.
PEAK_SECONDS = 30.0
LAG_PERIOD_SECONDS = 0.25


class Peak:
    """The largest value of the last `seconds`."""

    def __init__(self, seconds: float = PEAK_SECONDS):
        self._seconds = seconds
        # Falling values only: one that came before a larger one can never be the largest again.
        self._values: deque[tuple[float, float]] = deque()

    def add(self, value: float, now: float | None = None) -> None:
        while self._values and self._values[-1][1] <= value:
            self._values.pop()
        self._values.append((monotonic() if now is None else now, value))

    def value(self, now: float | None = None) -> float:
        now = monotonic() if now is None else now
        while self._values and self._values[0][0] < now - self._seconds:
            self._values.popleft()
        return self._values[0][1] if self._values else 0.0


async def watch_loop(lag: Peak) -> None:
    """Add how late the event loop is, until cancelled: whatever blocks it shows here."""
    loop = asyncio.get_running_loop()
    while True:
        due = loop.time() + LAG_PERIOD_SECONDS
        await asyncio.sleep(LAG_PERIOD_SECONDS)
        lag.add(max(0.0, loop.time() - due))


@dataclass
class WebVitals:
    """What a web process knows of itself."""

    lag: Peak = field(default_factory=Peak)
    n_sockets: int = 0
    n_followed_runs: int = 0


@cache
def code_version() -> str:
    """The version with a few signs of the sources themselves, so that machines with other code can be told apart."""
    package = Path(__file__).resolve().parent.parent
    digest = hashlib.sha256()
    for path in sorted(package.rglob("*.py")):
        digest.update(path.relative_to(package).as_posix().encode() + path.read_bytes())
    return f"{settings.SPECTACULAR_SETTINGS['VERSION']} {digest.hexdigest()[:8]}"


def vitals_of(lag: Peak, tally: "Tally", trouble: str, endpoints: Iterable[EndpointStanding]) -> Vitals:
    """What a worker tells with a heartbeat; `trouble` is why it cannot write, if it cannot."""
    return Vitals(
        version=code_version(),
        loop_lag_seconds=lag.value(),
        longest_delay_seconds=tally.longest_delay_seconds,
        trouble=trouble,
        endpoints=[EndpointVitals(**asdict(each)) for each in endpoints],
        counts=tally.counts(),
    )


class Tally:
    """What one writer stored since its process began. Samples that were there before, or come from earlier runs, don't count."""

    def __init__(self):
        self._counts: Counter[str] = Counter()
        self._attempts: Counter[str] = Counter()
        self._calls: Counter[str] = Counter()
        self._longest_delay = Peak()

    @property
    def longest_delay_seconds(self) -> float:
        return self._longest_delay.value()

    def counts(self) -> Counts:
        return Counts(**self._counts, attempts=dict(self._attempts), calls=dict(self._calls))

    def stored(self, facts: list[Fact], delays: list[float]) -> None:
        """A group is committed; `delays` are its facts' seconds from arrival to commit."""
        self._counts["groups"] += 1
        self._counts["facts"] += len(facts)
        self._counts["delay_seconds"] += sum(delays)
        self._longest_delay.add(max(delays, default=0.0))
        for fact in facts:
            self._count(fact)

    def _count(self, fact: Fact) -> None:
        if isinstance(fact, Sample) and fact.pk and not fact.reused_from_id:
            self._count_sample(fact)
        elif isinstance(fact, Grade):
            self._counts["grader_timeouts"] += fact.verdict == Grade.Verdict.TIMED_OUT
        elif isinstance(fact, Call) and fact.state != Call.State.SENT:
            self._calls[ending_of(fact)] += 1
            self._counts["cost"] += fact.cost
        elif isinstance(fact, AttemptEnding):
            given_back = fact.state == Attempt.State.PENDING
            self._attempts["given back" if given_back else fact.state] += 1

    def _count_sample(self, row: Sample) -> None:
        self._counts["samples"] += row.purpose != Sample.Purpose.JUDGE
        self._counts["samples_failed"] += row.finish_reason == Sample.FinishReason.FAILED
        self._counts["prompt_tokens"] += row.prompt_tokens
        self._counts["completion_tokens"] += row.completion_tokens
