"""How PostgreSQL would find what the pages ask for: whether any question reads a large table from end to end."""

import sys
from collections.abc import Iterable, Iterator

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from experiments.models import Attempt, Call, Grade, Sample, VerifierScore

from . import Row

LARGE = {model._meta.db_table for model in (Attempt, Call, Grade, Sample, VerifierScore)}


def plans_of(browser: Client, paths: Iterable[str]) -> Iterator[Row]:
    """EXPLAIN of every question behind these pages. What reads a large table whole is told on stderr."""
    asked: set[str] = set()
    for path in paths:
        with CaptureQueriesContext(connection) as captured:
            browser.get(path)
        asked.update(each["sql"] for each in captured if each["sql"].startswith("SELECT"))
    whole = [(sql, tables) for sql in sorted(asked) if (tables := _read_whole(sql))]
    for sql, tables in whole:
        print(f"reads all of {', '.join(sorted(tables))}: {sql}", file=sys.stderr)
    yield Row("different questions of the pages, explained", len(asked), "")
    yield Row.at_most("of them read a large table from end to end", len(whole), "", 0)


def _read_whole(sql: str) -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}")
        ((plans,),) = cursor.fetchall()
    return {node["Relation Name"] for node in _nodes(plans[0]["Plan"]) if node["Node Type"].endswith("Seq Scan")} & LARGE


def _nodes(plan: dict) -> Iterator[dict]:
    yield plan
    for child in plan.get("Plans", ()):
        yield from _nodes(child)
