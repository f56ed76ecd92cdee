"""Row counts and checksums of tables, so that a restored database can be held against the one it was taken from.

A table's checksum is the sum of 60 bits of each row's hash: it needs no order and no memory. It tells accidents, not forgers.
"""

import hashlib
import sqlite3

from .manifest import TableSum

_BITS = 60
_FETCHED_ROWS = 500
# Text that a row's values are turned into must not depend on who asks.
_PLAIN_POSTGRES = (
    "SET LOCAL timezone = 'UTC'; SET LOCAL datestyle = 'ISO'; SET LOCAL intervalstyle = 'postgres'; "
    "SET LOCAL extra_float_digits = 1; SET LOCAL bytea_output = 'hex'; SET LOCAL search_path = public"
)


def sums_of_sqlite(connection: sqlite3.Connection) -> dict[str, TableSum]:
    """By table. The connection should be on a copy that nobody writes to."""
    names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name")
    return {name: _sum_of_sqlite_table(connection, name) for (name,) in names.fetchall()}


def _sum_of_sqlite_table(connection: sqlite3.Connection, name: str) -> TableSum:
    rows = total = 0
    cursor = connection.execute(f'SELECT * FROM "{name}"')
    while fetched := cursor.fetchmany(_FETCHED_ROWS):
        rows += len(fetched)
        for row in fetched:
            total += int.from_bytes(hashlib.blake2b(repr(row).encode(), digest_size=8).digest()) >> (64 - _BITS)
    return TableSum(rows=rows, checksum=str(total))


def sums_of_postgres(cursor) -> dict[str, TableSum]:
    """By table of the schema “public”, computed by the server. `cursor` is inside the transaction whose view counts."""
    cursor.execute(_PLAIN_POSTGRES)
    cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename")
    sums = {}
    for (name,) in cursor.fetchall():
        cursor.execute(
            f"SELECT count(*), coalesce(sum(('x' || left(md5(t::text), {_BITS // 4}))::bit({_BITS})::bigint), 0)::text "
            f'FROM ONLY "{name}" AS t'
        )
        rows, checksum = cursor.fetchone()
        sums[name] = TableSum(rows=rows, checksum=checksum)
    return sums


def differences(expected: dict[str, TableSum], found: dict[str, TableSum]) -> list[str]:
    """One sentence for each table that is not as it was."""
    sentences = [f"the table {name} is missing" for name in sorted(expected.keys() - found.keys())]
    sentences += [f"the table {name} was not in the backup" for name in sorted(found.keys() - expected.keys())]
    for name in sorted(expected.keys() & found.keys()):
        was, is_now = expected[name], found[name]
        if was.rows != is_now.rows:
            sentences.append(f"{name} has {is_now.rows:,} rows instead of {was.rows:,}")
        elif was.checksum != is_now.checksum:
            sentences.append(f"the {was.rows:,} rows of {name} are not those that were backed up")
    return sentences
