"""Workers: alive, of one version, and their clocks beside the database's."""

from collections.abc import Iterator
from datetime import timedelta

from ...models import Run, Worker, clock
from ...runner import presence
from ...runner.vitals import code_version
from .registry import Exam, Seen, check, ok, warning


def _recent() -> list[Worker]:
    return list(Worker.objects.filter(stopped_at=None, heartbeat_at__gt=clock.now() - timedelta(seconds=presence.LEASE_SECONDS)))


@check("workers")
def workers(exam: Exam) -> Iterator[Seen]:
    clock.measure()
    alive = _recent()
    silent = Worker.objects.filter(stopped_at=None).exclude(pk__in=[worker.pk for worker in alive])
    waiting = Run.objects.workable().count()
    if not alive and waiting:
        yield warning(f"None is alive, and {waiting} runs wait.", "Start one: manage.py worker, or see why its service stopped.")
    else:
        yield ok(f"{len(alive)} alive.")
    for worker in silent:
        yield warning(
            f"{worker} was last heard of at {worker.heartbeat_at:%Y-%m-%d %H:%M} UTC and did not say that it stops.",
            "Nothing to do: another worker takes what it held. If it should be running, see its machine.",
        )


@check("versions")
def versions(exam: Exam) -> Iterator[Seen]:
    here = code_version()
    others = [worker for worker in _recent() if (worker.vitals or {}).get("version", here) != here]
    for worker in others:
        yield warning(
            f"{worker} runs {worker.vitals['version']}, and here is {here}.",
            "That is fine during an update; afterwards restart it with the new code.",
        )
    if not others:
        yield ok(f"All run {here}.")


@check("clocks")
def clocks(exam: Exam) -> Iterator[Seen]:
    offset = clock.measure()
    wrong = [(f"{worker}", worker.clock_offset) for worker in _recent() if worker.clock_offset]
    found = [(who, ahead) for who, ahead in [("this machine", offset), *wrong] if abs(ahead) > presence.WRONG_CLOCK_SECONDS]
    for who, ahead in found:
        yield warning(
            f"The database's clock is {abs(ahead):,.0f} s {'ahead of' if ahead > 0 else 'behind'} that of {who}.",
            "Have NTP set it. Leases go by the database's clock, so no work is lost meanwhile.",
        )
    if not found:
        yield ok("They agree with the database's.")
