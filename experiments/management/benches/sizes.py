"""What a stored sample takes on PostgreSQL's disk, with its grade, its scores and its call."""

from collections.abc import Iterator

from django.db import connection

from experiments.models import Call, Grade, Sample, VerifierScore

from . import Row


def sizes(kind: str) -> Iterator[Row]:
    """Bytes a sample in the tables and in their indexes. `kind` says what samples the current database holds."""
    n = Sample.objects.count()
    rows = indexes = 0
    for model in (Sample, Grade, VerifierScore, Call):
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_table_size(%s), pg_indexes_size(%s)", [model._meta.db_table] * 2)
            of_rows, of_indexes = cursor.fetchone()
        rows, indexes = rows + of_rows, indexes + of_indexes
    yield Row(f"disk a sample, {kind}: rows", rows / n, "B")
    yield Row(f"disk a sample, {kind}: indexes", indexes / n, "B")
