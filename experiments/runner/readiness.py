"""Whether this installation can do its work: is the database there and up to date, the broker, a worker?

Each check waits as long as what it asks; who must not hang asks in a thread (`web/health.py`).
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.db import Error, connection
from django.db.migrations.executor import MigrationExecutor

from . import broker, presence


@dataclass(frozen=True)
class Check:
    """`says` may name hosts and files: it is for administrators only, and so is `do`, what mends it."""

    name: str
    is_ok: bool
    says: str
    do: str = ""


def checks() -> dict[str, Callable[[], list[Check]]]:
    """The questions that can be asked beside each other, by name, each with one check or more for an answer."""
    return {"database": check_database} | ({"broker": check_broker} if broker.is_configured() else {})


def check_database() -> list[Check]:
    """Database, migrations and workers; the last two only where the first answers."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        return [Check("database", True, "It answers."), _check_migrations(), _check_workers()]
    except Error as error:
        return [no_database(f"It does not answer: {error}")]
    finally:
        connection.close()


def no_database(says: str) -> Check:
    return Check("database", False, says, "See that it runs and that DATABASE_URL is right; this comes back by itself.")


def check_broker() -> list[Check]:
    try:
        broker.ask()
    except broker.Unreachable as error:
        return [no_broker(f"It does not answer: {error}")]
    return [Check("broker", True, "It answers.")]


def no_broker(says: str) -> Check:
    return Check("broker", False, says, "See that it runs and that ASSAY_BROKER_URL is right; this comes back by itself.")


def _check_migrations() -> Check:
    executor = MigrationExecutor(connection)
    missing = [f"{step.app_label}.{step.name}" for step, _ in executor.migration_plan(executor.loader.graph.leaf_nodes())]
    if missing:
        says = f"{len(missing)} are not applied, the first of them {missing[0]}."
        return Check("migrations", False, says, "Run “manage.py migrate”; other versions of Assay may go on meanwhile.")
    return Check("migrations", True, "All are applied.")


def _check_workers() -> Check:
    if presence.any_alive():
        return Check("worker", True, "At least one is alive.")
    return Check("worker", False, "None is alive.", "Start one with “manage.py worker”; queued runs wait for it.")
