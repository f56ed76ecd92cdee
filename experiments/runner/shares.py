"""How many attempts of a run may be claimed, given what its person and its team have under way already."""

from django.db import connection

from ..models import Run
from ..models.shares import shares_of

# Classes of advisory locks that nothing else in this database locks by, always taken in this order.
_LOCKS = {"person": 7_310_443, "team": 7_310_444}


def room_for(run: Run) -> int | None:
    """How many more of the run's attempts may be claimed now; None is as many as there are.

    For use inside the transaction that claims: until it ends, nobody else is told of the same places.
    """
    shares = shares_of(run)
    for share in shares:
        _keep_others_out(share.kind, share.owner)
    return min((share.room for share in shares), default=None)


def _keep_others_out(kind: str, owner: int) -> None:
    """So that two workers do not take the same last place. SQLite has one writer anyway."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_LOCKS[kind], owner])
