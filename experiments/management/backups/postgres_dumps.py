"""PostgreSQL's side of backups: pg_dump of one snapshot, pg_restore into a new database, and changing one for the other."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from django.db import connection, transaction
from psycopg import sql

from . import elsewhere
from .errors import BackupError
from .manifest import TableSum
from .sums import sums_of_postgres

MEMBER = "database.dump"
_VARIABLES = {"sslmode": "PGSSLMODE", "sslrootcert": "PGSSLROOTCERT", "sslcert": "PGSSLCERT", "sslkey": "PGSSLKEY"}
_MAINTENANCE = ("postgres", "template1")


def dump_database(target: Path) -> tuple[dict[str, TableSum], list[str]]:
    """Write a dump in pg_dump's custom format; sums and migrations are those of the very snapshot that was dumped."""
    program = _program("pg_dump")
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        # However long the dump takes, this transaction waits for it.
        cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
        cursor.execute("SELECT pg_export_snapshot()")
        (snapshot,) = cursor.fetchone()
        options = ["--format=custom", "--compress=1", "--no-owner", "--no-privileges", f"--snapshot={snapshot}"]
        _call([program, *options, f"--file={target}"], connection.settings_dict["NAME"])
        cursor.execute("SELECT app, name FROM django_migrations ORDER BY id")
        migrations = [f"{app}.{name}" for app, name in cursor.fetchall()]
        return sums_of_postgres(cursor), migrations


def restore_database(dump: Path, name: str) -> None:
    """Fill the empty database of this name on the same server, whole or not at all."""
    options = ["--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction"]
    _call([_program("pg_restore"), *options, f"--dbname={name}", str(dump)], name)


def sums_of(name: str) -> dict[str, TableSum]:
    with elsewhere.pointed_at(name), transaction.atomic(), connection.cursor() as cursor:
        return sums_of_postgres(cursor)


def size() -> int:
    """Bytes the database takes on the server's disk: more than its dump will."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_database_size(current_database())")
        return cursor.fetchone()[0]


def server_version() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        return cursor.fetchone()[0]


@contextmanager
def scratch_database(suffix: str) -> Iterator[str]:
    """A new, empty database beside ours; dropped at the end if it still has its name then."""
    name = f"{connection.settings_dict['NAME'][:40]}_{suffix}"
    with _maintenance() as server:
        try:
            server.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8'").format(sql.Identifier(name)))
        except psycopg.errors.InsufficientPrivilege:
            user = connection.settings_dict["USER"]
            raise BackupError(
                f"The PostgreSQL user “{user}” may not make databases, which a restore needs to be checked before it counts. "
                f'As PostgreSQL\'s administrator: ALTER ROLE "{user}" CREATEDB;'
            ) from None
    try:
        yield name
    finally:
        with _maintenance() as server:
            server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def put_in_place(new: str) -> None:
    """Give the database `new` the name of ours, in one transaction, and drop the one that had it."""
    name = connection.settings_dict["NAME"]
    old = f"{new}_old"
    rename = sql.SQL("ALTER DATABASE {} RENAME TO {}").format
    elsewhere.close()
    with _maintenance() as server:
        # Nobody can be connected while a database is renamed; who was is told so and comes back to the restored one.
        server.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])
        with server.transaction():
            server.execute(rename(sql.Identifier(name), sql.Identifier(old)))
            server.execute(rename(sql.Identifier(new), sql.Identifier(name)))
        server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(old)))


def others_connected() -> list[str]:
    """What else has our database open, as PostgreSQL knows it."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT coalesce(nullif(application_name, ''), 'a client') || ' from ' || coalesce(host(client_addr), 'this machine'),
                   count(*)
            FROM pg_stat_activity
            WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
            GROUP BY 1 ORDER BY 1
            """
        )
        return [f"{who} ({n} connection{'s' if n > 1 else ''})" for who, n in cursor.fetchall()]


@contextmanager
def _maintenance() -> Iterator[psycopg.Connection]:
    """A connection to a database of the server that is not ours."""
    parameters = _parameters()
    for dbname in _MAINTENANCE:
        try:
            server = psycopg.connect(**{**parameters, "dbname": dbname}, autocommit=True)
            break
        except psycopg.OperationalError as error:
            refused = error
    else:
        raise BackupError(f"No database of the server other than our own can be reached: {refused}. Restoring needs one of them.")
    with server:
        yield server


def _parameters() -> dict:
    given = connection.settings_dict
    where = {"host": given["HOST"], "port": given["PORT"], "user": given["USER"], "password": given["PASSWORD"]}
    secure = {name: given["OPTIONS"][name] for name in _VARIABLES if name in given["OPTIONS"]}
    return {name: value for name, value in {**where, **secure}.items() if value}


def _call(command: list[str], name: str) -> None:
    """Run one of PostgreSQL's programs. Where to connect goes through the environment: arguments are seen by everybody."""
    parameters = _parameters()
    names = {"host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD", **_VARIABLES}
    environment = {names[key]: str(value) for key, value in parameters.items()} | {
        "PGDATABASE": name,
        "PGOPTIONS": "-c lock_timeout=60s",
    }
    done = subprocess.run(command, env={**os.environ, **environment}, capture_output=True, text=True)
    if done.returncode:
        lines = [line for line in done.stderr.splitlines() if line.strip()]
        raise BackupError(f"{Path(command[0]).name} failed: {' '.join(lines[:3]) or f'exit code {done.returncode}'}")


def _program(name: str) -> str:
    """The newest of this name. Raises BackupError where there is none, or none that knows the server's version."""
    found = [str(path) for path in Path("/usr/lib/postgresql").glob(f"*/bin/{name}")] + [shutil.which(name) or ""]
    versions = {path: _major_of(path) for path in found if path}
    if not versions:
        raise BackupError(f"{name} is not installed where this command runs. On Debian: apt-get install postgresql-client")
    best = max(versions, key=versions.get)
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version_num")
        server = int(cursor.fetchone()[0]) // 10_000
    if versions[best] < server:
        raise BackupError(
            f"{name} here is of version {versions[best]}, and the server is PostgreSQL {server}: an older {name} cannot read it. "
            f"Install postgresql-client-{server}."
        )
    return best


def _major_of(program: str) -> int:
    told = subprocess.run([program, "--version"], capture_output=True, text=True).stdout
    found = re.search(r"(\d+)(\.\d+|devel|beta\d*|rc\d*)", told)
    return int(found.group(1)) if found else 0
