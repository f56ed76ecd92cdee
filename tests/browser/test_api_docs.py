"""The API's documentation in a browser: drawn under the strict policy, and able to send a request."""

from types import SimpleNamespace

import pytest
from django.test import Client
from playwright.sync_api import expect

from tests.factories import make_dataset, make_user
from tests.servers.web import web_server


@pytest.mark.django_db(transaction=True)
def test_the_docs_list_every_address_and_try_one_out(person):
    dataset = make_dataset(name="sums of the docs")
    signed_in = Client()
    signed_in.force_login(make_user(role="viewer"))
    with web_server() as port:
        visitor = person(SimpleNamespace(address=f"http://127.0.0.1:{port}"))
        cookie = {"name": "assay_session", "value": signed_in.cookies["assay_session"].value, "url": f"http://127.0.0.1:{port}"}
        visitor.context.add_cookies([cookie])
        visitor.page.goto("/api/docs/")
        export = visitor.page.locator("#operations-runs-runs_export_retrieve")
        expect(export).to_be_visible()
        one = visitor.page.locator("#operations-datasets-datasets_retrieve")
        one.locator(".opblock-summary-control").click()
        one.get_by_role("button", name="Try it out").click()
        one.get_by_placeholder("id").fill(str(dataset.pk))
        one.get_by_role("button", name="Execute").click()
        expect(one.locator(".live-responses-table")).to_contain_text("sums of the docs")
        visitor.page.goto("about:blank")
    assert visitor.complaints == []
