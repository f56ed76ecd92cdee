"""What keeps a process from starting its work, in a sentence that says what to do, and waiting until it is mended.

What a person mends outside of Assay is waited for: a server that is away, a full disk, migrations that are missing. What
stands in the settings is not: `webapp/refusing.py` ends the process.
"""

import logging
import re
import shutil
import threading
import time
from collections.abc import Callable

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection
from django.db.migrations.executor import MigrationExecutor

from experiments.domain.errors import AssayError
from experiments.inference.redaction import redact
from experiments.runner import broker

log = logging.getLogger(__name__)

# Whoever started it reads the first sentence within five seconds, whatever it is that does not answer.
PATIENCE_SECONDS = 3.0
LOOK_SECONDS = 2.0
REPEAT_SECONDS = 30.0
SMALLEST_FREE_MB = 20


class NotReady(AssayError):
    """What is missing, where, and what to do; holds no password."""


def wait_until_ready(*, migrates: bool = False) -> None:
    """Return once there is room on the disk, the database answers, and its tables and the broker are there.

    Logs a problem when it is new and now and then again. `migrates`: the caller makes the tables itself.
    """
    said, said_at = "", 0.0
    while True:
        try:
            check_once(migrates=migrates)
        except NotReady as problem:
            if str(problem) != said or time.monotonic() - said_at >= REPEAT_SECONDS:
                said, said_at = str(problem), time.monotonic()
                log.error("%s Until then this process waits.", problem)
            time.sleep(LOOK_SECONDS)
            continue
        if said:
            log.warning("That is mended; this process goes on.")
        if not migrates:
            _warn_of_newer_tables()
        return


def check_once(*, migrates: bool = False) -> None:
    """Raises NotReady with the first thing that is missing, within a few seconds."""
    _check_disk()
    _in_time(_check_database, f"{_database()} does not answer. {_DATABASE_REMEDY}")
    if not migrates:
        _check_tables()
    if broker.is_configured():
        _in_time(_check_broker, f"The broker does not answer. {_BROKER_REMEDY}")


def sentence(error: Exception) -> str:
    """In our words where we know better than the server what to do. The server's own words name no password."""
    said, told = " ".join(str(error).split()), connection.settings_dict
    for pattern, known in _KNOWN.items():
        if re.search(pattern, said):
            return known.format(database=_database(), name=told["NAME"], user=told["USER"])
    return f"{_database()} cannot be used ({said}). {_DATABASE_REMEDY}"


def _warn_of_newer_tables() -> None:
    """Once, if a newer version of Assay made the tables: it was written so that this one can work beside it."""
    loader = MigrationExecutor(connection).loader
    unknown = [
        name for app, name in loader.applied_migrations if app == "experiments" and (app, name) not in loader.disk_migrations
    ]
    if unknown:
        log.warning("A newer version of Assay made the tables (%s). This one works beside it; update it soon.", max(unknown))
    connection.close()


_DATABASE_REMEDY = "See that it runs and that DATABASE_URL is right."
_BROKER_REMEDY = "See that it runs and that ASSAY_BROKER_URL is right, or leave that empty to work without one."


def _in_time(check: Callable[[], None], otherwise: str) -> None:
    """Ask in a thread of its own: looking up a name, or a locked file, knows no limit of ours."""
    failures: list[Exception] = []

    def ask() -> None:
        try:
            check()
        except Exception as error:
            failures.append(error)
        finally:
            connection.close()

    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    asking.join(PATIENCE_SECONDS)
    if asking.is_alive():
        raise NotReady(otherwise)
    if failures:
        raise failures[0]


def _check_disk() -> None:
    folder = settings.ASSAY_DATA_DIR
    free_mb = shutil.disk_usage(folder).free / 1e6
    if free_mb < SMALLEST_FREE_MB:
        raise NotReady(f"The disk with the data folder {folder} is full: {free_mb:.0f} MB are free. Make room there.")


def _check_database() -> None:
    try:
        if connection.vendor == "postgresql":
            # Not through the pool, which would try for a while and not say why it fails.
            import psycopg

            try:
                psycopg.connect(**connection.get_connection_params()).close()
            except psycopg.OperationalError as error:
                raise NotReady(sentence(error)) from None
        connection.ensure_connection()
    except (DatabaseError, InterfaceError) as error:
        raise NotReady(sentence(error)) from None


def _check_tables() -> None:
    try:
        executor = MigrationExecutor(connection)
        missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except (DatabaseError, InterfaceError) as error:
        raise NotReady(sentence(error)) from None
    finally:
        connection.close()
    if missing:
        raise NotReady(
            f"{_database()} lacks tables of this version of Assay. Run “manage.py migrate”; "
            "what runs already may go on meanwhile."
        )


def _check_broker() -> None:
    try:
        broker.ask()
    except broker.Unreachable as error:
        raise NotReady(f"The broker does not answer ({redact(str(error))}). {_BROKER_REMEDY}") from None


def _database() -> str:
    told = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"The database file {told['NAME']}"
    return f"PostgreSQL at {told['HOST'] or 'its local socket'}{':' if told['PORT'] else ''}{told['PORT'] or ''}"


# By what PostgreSQL, its library and SQLite say.
_KNOWN = {
    r"password authentication failed|no password supplied|role .* does not exist|no pg_hba.conf entry": (
        "{database} does not let “{user}” in: user or password in DATABASE_URL is wrong, or the server's pg_hba.conf forbids it."
    ),
    r"database .* does not exist": "{database} has no database “{name}”. Create it: createdb {name}; or mend DATABASE_URL.",
    r"refused": "{database} refuses connections: nothing listens there. " + _DATABASE_REMEDY,
    r"starting up|shutting down|recovery mode": "{database} is starting or stopping.",
    r"timeout expired|timed out|unreachable|No route": "{database} does not answer. " + _DATABASE_REMEDY,
    r"resolve|translate host|Name or service|name resolution": "{database}: this name cannot be looked up. Mend DATABASE_URL.",
    r"too many (clients|connections)|remaining connection slots": (
        "{database} has no connection left. Raise its max_connections, or lower ASSAY_DATABASE_CONNECTIONS."
    ),
    r"is full|No space left": "{database}: the disk is full. Make room there.",
    r"no such (table|column)|relation .* does not exist|column .* does not exist": (
        "{database} has the tables of another version. Run “manage.py migrate”."
    ),
    r"unable to open database file": "{database} cannot be opened. Mend its folder, its rights or DATABASE_URL.",
    r"not a database|malformed": "{database} is no SQLite database, or it is damaged. Restore a backup: manage.py restore.",
    r"readonly|read-only": "{database} cannot be written. Mend the rights of the file and of its folder.",
}
