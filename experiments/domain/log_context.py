"""For whom the present code works: the run, attempt, worker, request and user that every line of the log tells."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar

FIELDS = ("run", "attempt", "worker", "request_id", "user")

_known: ContextVar[Mapping[str, int | str]] = ContextVar("log_context", default={})  # noqa: B039  (never changed in place)


@contextmanager
def working_for(**known: int | str) -> Iterator[None]:
    """Inside, and in tasks begun inside, log lines tell these of `FIELDS` besides what was known before."""
    token = _known.set({**_known.get(), **known})
    try:
        yield
    finally:
        _known.reset(token)


def add(**known: int | str) -> None:
    """Tell these too, until the innermost `working_for` ends."""
    _known.set({**_known.get(), **known})


def known() -> Mapping[str, int | str]:
    """What is known here, by field."""
    return _known.get()
