"""Who is served next: runs share the engine by tokens received, inside a run the samples of an attempt stay together."""

from collections import deque
from typing import Generic, Protocol, TypeVar


class Job(Protocol):
    """What the queue needs to know of a request."""

    run: str
    attempt: str


T = TypeVar("T", bound=Job)


class FairQueue(Generic[T]):
    """Waiting jobs. `peek` is the next one of the run that has received the fewest tokens so far."""

    def __init__(self):
        self._runs: dict[str, dict[str, deque[T]]] = {}  # run -> attempt -> jobs, both in order of arrival
        self._received: dict[str, int] = {}

    def __len__(self) -> int:
        return sum(len(jobs) for attempts in self._runs.values() for jobs in attempts.values())

    def put(self, job: T) -> None:
        """Queue a new job behind its attempt's others."""
        self._jobs_of(job).append(job)

    def put_back(self, job: T) -> None:
        """Queue a preempted job again, at the very front of its run."""
        self._jobs_of(job).appendleft(job)
        attempts = self._runs[job.run]
        self._runs[job.run] = {job.attempt: attempts.pop(job.attempt), **attempts}

    def charge(self, run: str, n_tokens: int) -> None:
        """Note that `run` has received `n_tokens`."""
        if run in self._received:
            self._received[run] += n_tokens

    def peek(self) -> T | None:
        """The job whose turn it is, None if nobody waits."""
        if not self._runs:
            return None
        run = min(self._runs, key=lambda name: self._received[name])
        return next(iter(self._runs[run].values()))[0]

    def discard(self, job: T) -> None:
        """Take a waiting job out, wherever it stands."""
        attempts = self._runs[job.run]
        attempts[job.attempt].remove(job)
        if not attempts[job.attempt]:
            del attempts[job.attempt]
        if not attempts:
            del self._runs[job.run]

    def forget(self, run: str) -> None:
        """Drop the account of a run that has nothing waiting and nothing running."""
        if run not in self._runs:
            self._received.pop(run, None)

    def _jobs_of(self, job: T) -> deque[T]:
        if job.run not in self._received:
            # A newcomer starts level with the run that is furthest behind, not with a credit for having been away.
            self._received[job.run] = min(self._received.values(), default=0)
        return self._runs.setdefault(job.run, {}).setdefault(job.attempt, deque())
