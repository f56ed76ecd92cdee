"""Whether this installation can do its work: is the database there and up to date, the broker, a worker?

Each question waits as long as what it asks; who must not hang asks in a thread (`web/health.py`).
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.db import Error, connection
from django.db.migrations.executor import MigrationExecutor

from . import broker, presence

_MENDED_BY = {
    "database": "See that it runs and that DATABASE_URL is right; this comes back by itself.",
    "migrations": "Run “manage.py migrate”; other versions of Assay may go on meanwhile.",
    "worker": "Start one with “manage.py worker”; queued runs wait for it.",
    "broker": "See that it runs and that ASSAY_BROKER_URL is right; this comes back by itself.",
}
#: What can only be told where the other is well.
_STANDS_ON = {"migrations": "database", "worker": "migrations"}


@dataclass(frozen=True)
class Check:
    """`says` may name hosts and files: it is for administrators only, and so is `do`, what mends it."""

    name: str
    is_ok: bool
    says: str

    @property
    def do(self) -> str:
        return "" if self.is_ok else _MENDED_BY[self.name]


def questions() -> dict[str, Callable[[], Check]]:
    """By name, to be asked beside each other."""
    asked = {"database": _ask_database, "migrations": _ask_migrations, "worker": _ask_for_workers}
    return {name: _careful(name, each) for name, each in asked.items()} | (
        {"broker": _ask_broker} if broker.is_configured() else {}
    )


def told(checks: Iterable[Check]) -> list[Check]:
    """Without those that fail only because what they stand on does."""
    left = list(checks)
    for name, ground in _STANDS_ON.items():
        if not any(check.name == ground and check.is_ok for check in left):
            left = [check for check in left if check.name != name]
    return left


def _careful(name: str, question: Callable[[], Check]) -> Callable[[], Check]:
    def ask() -> Check:
        try:
            return question()
        except Error as error:
            return Check(name, False, f"It does not answer: {error}")
        finally:
            connection.close()

    return ask


def _ask_database() -> Check:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return Check("database", True, "It answers.")


def _ask_migrations() -> Check:
    executor = MigrationExecutor(connection)
    missing = [f"{step.app_label}.{step.name}" for step, _ in executor.migration_plan(executor.loader.graph.leaf_nodes())]
    if missing:
        return Check("migrations", False, f"{len(missing)} are not applied, the first of them {missing[0]}.")
    return Check("migrations", True, "All are applied.")


def _ask_for_workers() -> Check:
    is_any = presence.any_alive()
    return Check("worker", is_any, "At least one is alive." if is_any else "None is alive.")


def _ask_broker() -> Check:
    try:
        broker.ask()
    except broker.Unreachable as error:
        return Check("broker", False, f"It does not answer: {error}")
    return Check("broker", True, "It answers.")
