"""What is stored of a sample takes on PostgreSQL's disk."""

from collections.abc import Iterable, Iterator

from django.db import connection
from django.db.models import Model

from experiments.models import Sample

from . import Row


def sizes(what: str, models: Iterable[type[Model]]) -> Iterator[Row]:
    """Bytes a sample in these models' tables and in their indexes. `what` says what is stored there."""
    n = Sample.objects.count()
    rows = indexes = 0
    for model in models:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_table_size(%s), pg_indexes_size(%s)", [model._meta.db_table] * 2)
            of_rows, of_indexes = cursor.fetchone()
        rows, indexes = rows + of_rows, indexes + of_indexes
    yield Row(f"disk a sample, {what}: rows", rows / n, "B")
    yield Row(f"disk a sample, {what}: indexes", indexes / n, "B")
