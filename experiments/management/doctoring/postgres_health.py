"""PostgreSQL's settings and state, as far as Assay depends on them."""

from collections.abc import Iterator

from django.db import connection

from .registry import Exam, Seen, check, fault, ok, warning

OLDEST_VERSION = 14
MANY_DEAD_ROWS = 100_000
# Of a table's rows; autovacuum begins at a fifth.
LARGE_DEAD_PART = 0.5


@check("PostgreSQL")
def server(exam: Exam) -> Iterator[Seen]:
    if connection.vendor != "postgresql":
        return
    version, encoding = _row("SELECT current_setting('server_version'), current_setting('server_encoding')")
    if connection.pg_version // 10_000 < OLDEST_VERSION:
        yield fault(f"It is version {version}.", f"Assay needs {OLDEST_VERSION} or newer: update PostgreSQL.")
    elif encoding != "UTF8":
        yield fault(
            f"The database is encoded as {encoding}.", "Make a new one with ENCODING 'UTF8' and restore a backup into it."
        )
    else:
        yield ok(f"Version {version}, {encoding}.")
    (autovacuum,) = _row("SELECT current_setting('autovacuum')")
    if autovacuum != "on":
        yield fault("Autovacuum is off: tables grow without end.", "Set autovacuum = on in postgresql.conf and reload it.")


@check("PostgreSQL's dead rows")
def dead_rows(exam: Exam) -> Iterator[Seen]:
    if connection.vendor != "postgresql":
        return
    bloated = _rows(
        "SELECT relname, n_dead_tup FROM pg_stat_user_tables "
        "WHERE n_dead_tup > %s AND n_dead_tup > %s * n_live_tup ORDER BY n_dead_tup DESC",
        [MANY_DEAD_ROWS, LARGE_DEAD_PART],
    )
    for name, n_dead in bloated:
        yield warning(
            f"{name} has {n_dead:,} dead rows.", f"Run VACUUM (ANALYZE) {name}; if it comes back, let autovacuum run more often."
        )
    if not bloated:
        yield ok("Autovacuum keeps up.")


@check("PostgreSQL's connections")
def connections(exam: Exam) -> Iterator[Seen]:
    """Room for at least one more process of ours with its whole pool."""
    if connection.vendor != "postgresql":
        return
    most, kept, used = _row(
        "SELECT current_setting('max_connections')::int, current_setting('superuser_reserved_connections')::int, "
        "(SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend')"
    )
    pool = connection.settings_dict.get("OPTIONS", {}).get("pool", {}).get("max_size", 1)
    said = f"{used} of {most - kept} are in use, and each process of Assay may open {pool}."
    if most - kept - used < pool:
        yield warning(said, "Raise max_connections in postgresql.conf, or lower ASSAY_DATABASE_CONNECTIONS.")
    else:
        yield ok(said)


@check("PostgreSQL's indexes")
def indexes(exam: Exam) -> Iterator[Seen]:
    if connection.vendor != "postgresql":
        return
    broken = [name for (name,) in _rows("SELECT indexrelid::regclass::text FROM pg_index WHERE NOT indisvalid")]
    for name in broken:
        yield fault(f"{name} is not valid, so that it costs and helps nobody.", f"Run REINDEX INDEX CONCURRENTLY {name};")
    if not broken:
        yield ok("All are valid.")


def _rows(query: str, parameters: list | None = None) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        return cursor.fetchall()


def _row(query: str) -> tuple:
    return _rows(query)[0]
