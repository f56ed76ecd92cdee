"""Word that something about a run has changed, so that nobody has to look for it many times a second."""

from collections.abc import Iterable

from django.db import connection, transaction

CHANNEL = "assay_runs"


def announce(run_ids: Iterable[int]) -> None:
    """Once this transaction is committed, wake those who listen for these runs. PostgreSQL only; others look by themselves.

    Not a part of the transaction: PostgreSQL lets transactions that notify commit only one at a time, disk writes included.
    Word that is lost because this process dies in between costs listeners a moment, for they also look now and then.
    """
    ids = [str(run_id) for run_id in sorted(set(run_ids))]
    if ids and connection.vendor == "postgresql":
        transaction.on_commit(lambda: _notify(ids), robust=True)


def _notify(ids: list[str]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, id) FROM unnest(%s::text[]) AS id", [CHANNEL, ids])
