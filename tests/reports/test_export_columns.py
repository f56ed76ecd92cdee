"""The columns stand in one place, and everything that names them agrees with it."""

import pytest

from experiments.api.samples import SampleSerializer
from experiments.reports.export_columns import COLUMNS, NAMES
from experiments.reports.export_rows import exact_rows
from tests.factories import make_run, make_sample, make_user


def test_names_are_unique_and_meanings_are_told():
    assert len(set(NAMES)) == len(NAMES)
    assert all(len(column.meaning) > 10 for column in COLUMNS)


@pytest.mark.django_db
def test_the_page_about_exports_lists_every_column_in_order(client):
    client.force_login(make_user(role="viewer"))
    page = client.get(f"/runs/{make_run().pk}/export/").content.decode()
    places = [page.index(f"<code>{column.name}</code></th>") for column in COLUMNS]
    assert places == sorted(places)


def test_the_api_has_the_same_names():
    assert list(SampleSerializer().fields) == [*NAMES, "token_logprobs"]


@pytest.mark.django_db
def test_values_are_of_the_kind_the_column_says():
    run = make_run()
    make_sample(run.attempts.first())
    make_sample(run.attempts.last(), verdict=None, mean_logprob=None)
    kinds = {"integer": int, "number": float, "text": str, "time": str, "json": dict | list}
    for row in exact_rows(run, run.samples.order_by("pk")):
        for column, value in zip(COLUMNS, row, strict=True):
            assert isinstance(value, kinds[column.kind]) or (value is None and column.optional), column.name
