"""What a check is, and asking all of them."""

import logging
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from django.db import Error

from ...domain.errors import AssayError

log = logging.getLogger(__name__)


class State(StrEnum):
    OK = "ok"
    WARNING = "warning"
    FAULT = "fault"


@dataclass(frozen=True)
class Seen:
    """What a check saw and what to do about it. `mend`, where that is safe, does it and says what it did."""

    state: State
    seen: str
    todo: str = ""
    mend: Callable[[], str] | None = None


@dataclass(frozen=True)
class Exam:
    """How to look: `online` may ask endpoints for their lists of models, which costs nothing."""

    online: bool = False


@dataclass(frozen=True)
class Result:
    name: str
    seen: Seen
    mended: str = ""


Check = Callable[[Exam], Iterable[Seen]]
_checks: dict[str, Check] = {}


def ok(seen: str) -> Seen:
    return Seen(State.OK, seen)


def warning(seen: str, todo: str, mend: Callable[[], str] | None = None) -> Seen:
    return Seen(State.WARNING, seen, todo, mend)


def fault(seen: str, todo: str, mend: Callable[[], str] | None = None) -> Seen:
    return Seen(State.FAULT, seen, todo, mend)


def check(name: str) -> Callable[[Check], Check]:
    """Register a check: a function from the exam to what was seen; one that yields nothing does not apply here."""

    def register(function: Check) -> Check:
        _checks[name] = function
        return function

    return register


def examine(exam: Exam, *, mends: bool = False) -> Iterator[Result]:
    """Every check's results. With `mends`, what can be mended is, and looked at again."""
    for name, function in _checks.items():
        for seen in _ask(function, exam):
            if not (mends and seen.mend):
                yield Result(name, seen)
                continue
            try:
                mended = seen.mend()
            except (OSError, Error, AssayError) as error:
                yield Result(name, Seen(seen.state, f"{seen.seen} Mending it failed: {error}", seen.todo))
            else:
                yield Result(name, ok(seen.seen), mended)


def names() -> list[str]:
    return list(_checks)


def _ask(function: Check, exam: Exam) -> list[Seen]:
    """A check that breaks is a fault by itself, and the others go on."""
    try:
        return list(function(exam))
    except (OSError, Error, AssayError) as error:
        return [fault(f"This could not be looked at: {error}", "Mend what it says, then look again.")]
    except Exception as error:
        log.exception("A check broke")
        return [fault(f"The check itself broke ({type(error).__name__}: {error}).", "See the log above, and report it.")]
