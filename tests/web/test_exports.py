"""Downloads from a run's page: the one export, streamed, for every role."""

import json

import pytest
from asgiref.sync import sync_to_async

from experiments.reports import export_rows
from experiments.reports.export_formats import export
from experiments.reports.manifest import manifest
from tests.factories import make_experiment, make_run, make_sample, make_user


@pytest.fixture
def run(transactional_db):
    run = make_run(make_experiment(name='Sums & "more"\r\nü'))
    make_sample(run.attempts.first(), text="=1+1")
    make_sample(run.attempts.first(), index=1, text="fine")
    return run


@pytest.fixture
def viewer(async_client, transactional_db):
    async_client.force_login(make_user(role="viewer"))
    return async_client


async def body_of(response) -> bytes:
    return b"".join([piece async for piece in response.streaming_content])


@pytest.mark.parametrize(
    ("query", "format", "bom", "kind"),
    [
        ("format=csv", "csv", False, "text/csv; charset=utf-8"),
        ("format=csv&bom=1", "csv", True, "text/csv; charset=utf-8"),
        ("format=jsonl", "jsonl", False, "application/jsonl; charset=utf-8"),
    ],
)
async def test_the_download_is_the_export(run, viewer, query, format, bom, kind):
    response = await viewer.get(f"/runs/{run.pk}/export/?{query}")
    assert response.status_code == 200
    assert response["Content-Type"] == kind
    assert response["Content-Disposition"] == f'attachment; filename="assay-run-{run.pk}-sums-more-u.{format}"'
    expected = await sync_to_async(lambda: b"".join(export(run, format, bom=bom)))()
    assert await body_of(response) == expected


async def test_rows_are_read_while_the_download_is_under_way(run, viewer, monkeypatch):
    """Django would read a plain iterator to its end before sending the first byte, the whole run in memory."""
    monkeypatch.setattr(export_rows, "CHUNK", 1)
    response = await viewer.get(f"/runs/{run.pk}/export/?format=csv")
    pieces = aiter(response.streaming_content)
    header, first = await anext(pieces), await anext(pieces)
    assert header.startswith(b"run,")
    assert b"'=1+1" in first
    attempt = await run.attempts.afirst()
    await sync_to_async(make_sample)(attempt, index=2, text="stored meanwhile")
    rest = b"".join([piece async for piece in pieces])
    assert b"stored meanwhile" in rest


def test_the_manifest_is_one_json_object(run, client):
    client.force_login(make_user(role="viewer"))
    response = client.get(f"/runs/{run.pk}/export/?format=manifest")
    assert response["Content-Disposition"].endswith('.manifest.json"')
    assert json.loads(response.content) == manifest(run)


def test_without_a_format_the_page_offers_them_all(run, client):
    client.force_login(make_user(role="viewer"))
    page = client.get(f"/runs/{run.pk}/export/")
    assert page.status_code == 200
    for query in ("?format=csv", "?format=csv&amp;bom=1", "?format=jsonl", "?format=manifest"):
        assert f'href="{query}"' in page.content.decode()


def test_an_unknown_format_is_named_beside_the_known_ones(run, client):
    client.force_login(make_user(role="viewer"))
    page = client.get(f"/runs/{run.pk}/export/?format=<b>")
    assert page.status_code == 400
    assert "Unknown export format “&lt;b&gt;”. Known: csv, jsonl, manifest, pack, archive." in page.content.decode()


def test_an_unknown_run_is_not_found_and_a_stranger_is_asked_to_sign_in(run, client):
    assert client.get(f"/runs/{run.pk}/export/?format=csv")["Location"].startswith("/login/")
    client.force_login(make_user(role="viewer"))
    assert client.get(f"/runs/{run.pk + 1}/export/?format=csv").status_code == 404


def test_only_get_is_answered(run, client):
    client.force_login(make_user())
    assert client.post(f"/runs/{run.pk}/export/?format=csv").status_code == 405
