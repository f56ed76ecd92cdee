"""What holds for every page: who may come in, who may change things, and that nothing foreign is loaded or believed."""

import json
from html.parser import HTMLParser

import pytest
from django.conf import settings
from django.test import Client

from experiments.models import Run, User
from experiments.reports.export_formats import export
from experiments.reports.manifest import manifest
from tests.factories import make_run, make_user
from tests.web.addresses import World

pytestmark = pytest.mark.django_db

#: Open to strangers, for that is how they stop being strangers.
OPEN = {"login", "login_link", "api_token"}
#: For programs: two tell no more than that all is well, the third lets nobody in without a token of its own.
OPEN |= {"healthz", "readyz", "metrics"}
#: What everyone who is signed in may send: their own account's business, and a preview that stores nothing.
OWN = OPEN | {"logout", "account", "token_create", "token_revoke", "prompt_preview", "view_save"}
OWN |= {"basket_add", "basket_remove", "basket_first", "basket_empty", "prompt_typed", "prompt_tokens"}


@pytest.fixture
def world():
    return World()


def browser_of(role: str, **options) -> Client:
    browser = Client(**options)
    browser.force_login(make_user(role=role))
    return browser


class Page(HTMLParser):
    """`scripts` written into the page, `handlers` in attributes, and `addresses` a browser would load or send to."""

    LOADED = {"src", "srcset", "action", "formaction", "data", "poster", "href", "hx-get", "hx-post"}

    def __init__(self, html: str):
        super().__init__()
        self.scripts: list[str] = []
        self.handlers: list[str] = []
        self.addresses: list[str] = []
        self._script: dict | None = None
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        self._script = dict(attributes) if tag == "script" else None
        for name, value in attributes:
            if name.startswith(("on", "hx-on", "hx-vals")) or (value or "").strip().lower().startswith("javascript:"):
                self.handlers.append(f"{tag} {name}={value}")
            if name in self.LOADED and value:
                self.addresses.append(value)

    def handle_data(self, data):
        if self._script is not None and data.strip() and self._script.get("type") != "application/json":
            self.scripts.append(data)

    def handle_endtag(self, tag):
        self._script = None


def test_a_stranger_is_sent_to_sign_in_from_every_page(world, client):
    for name, path in world.pages():
        if name not in OPEN | {"logout"}:
            for response in (client.get(path), client.post(path)):
                assert response.status_code == 302, (name, response.status_code)
                assert response["Location"].startswith("/login/"), name
    assert client.get("/admin/")["Location"].startswith("/admin/login/")


def test_a_stranger_gets_401_from_every_address_of_the_api(world, client):
    for name, path in world.api():
        if name not in OPEN | {"api_docs"}:
            for response in (client.get(path), client.post(path)):
                assert response.status_code == 401, (path, response.status_code)


def test_every_page_forbids_scripts_in_itself_and_everything_foreign(world):
    browser = browser_of("administrator")
    for name, path in [*world.pages(), *world.api(), ("admin", "/admin/"), ("admin", "/admin/experiments/run/")]:
        response = browser.get(path)
        assert response.status_code < 500 or name == "readyz", name
        policy = dict(part.strip().partition(" ")[::2] for part in response["Content-Security-Policy"].split(";"))
        assert policy["default-src"] == "'none'", name
        assert policy["script-src"] == "'self'", name
        assert policy["connect-src"] == "'self'", name
        assert policy["form-action"] == "'self'", name
        assert policy["frame-ancestors"] == "'none'", name
        assert response["X-Frame-Options"] == "DENY", name
        assert response["X-Content-Type-Options"] == "nosniff", name
        assert response["Referrer-Policy"] == "same-origin", name


def test_no_page_holds_a_script_or_an_address_of_another_host(world):
    administrator, stranger = browser_of("administrator"), Client()
    seen = 0
    for name, path in world.pages():
        response = (stranger if name in OPEN else administrator).get(path)
        if response.status_code == 200 and response["Content-Type"].startswith("text/html"):
            page = Page(response.content.decode())
            assert (page.scripts, page.handlers) == ([], []), name
            foreign = [address for address in page.addresses if "//" in address or address.startswith("data:text")]
            assert foreign == [], name
            seen += 1
    assert seen > 25


def test_model_text_stays_text_on_every_page_that_shows_it(world):
    sample = world.run.samples.get()
    evil = "<img src=x onerror=alert(1)></script><script>alert(2)</script>{{ 7*7 }}"
    Run.objects.get(pk=world.run.pk).samples.update(text=evil)
    sample.grades.update(extracted=evil, canonical=evil, explanation=evil)
    browser = browser_of("viewer")
    shown = 0
    for name in (f"/runs/{world.run.pk}/", f"/runs/{world.run.pk}/attempts/{sample.attempt_id}/"):
        html = browser.get(name).content.decode()
        assert evil not in html
        page = Page(html)
        assert (page.scripts, page.handlers) == ([], [])
        shown += "&lt;img src=x onerror=alert(1)&gt;" in html
    assert shown


def test_a_viewer_changes_nothing_anywhere(world):
    browser = browser_of("viewer")
    for name, path in [*world.pages(), *world.api()]:
        if name not in OWN:
            status = browser.post(path).status_code
            assert status in (403, 404, 405), (name, status)
    world.run.refresh_from_db()
    assert world.run.state == "queued"
    assert Run.objects.count() == 1


def test_a_viewer_may_export(world):
    assert browser_of("viewer").get(f"/runs/{world.run.pk}/export/?format=manifest").status_code == 200


def test_only_an_administrator_manages_people(world):
    someone = User.objects.get(username="someone")
    for role in ("viewer", "editor"):
        browser = browser_of(role)
        assert browser.get("/people/").status_code == 403
        assert browser.post(f"/people/{someone.pk}/", {"role": "administrator"}).status_code == 403
    someone.refresh_from_db()
    assert someone.role == "viewer"
    assert browser_of("administrator").get("/people/").status_code == 200


def test_a_post_without_its_token_is_refused_by_every_page(world):
    browser = browser_of("administrator", enforce_csrf_checks=True)
    for name, path in world.pages():
        assert browser.post(path).status_code in (403, 405), name
    assert User.objects.filter(username="someone").exists()
    world.run.refresh_from_db()
    assert world.run.state == "queued"


def test_a_post_from_another_origin_is_refused_even_with_the_token(world):
    browser = browser_of("editor", enforce_csrf_checks=True)
    browser.get("/account/")
    token = {"X-CSRFToken": browser.cookies["assay_csrf"].value}
    pause = f"/runs/{world.run.pk}/pause/"
    for origin in ("http://evil.example", "http://testserver:9999", "null"):
        assert browser.post(pause, headers={**token, "Origin": origin}).status_code == 403
    world.run.refresh_from_db()
    assert world.run.state == "queued"
    assert browser.post(pause, headers={**token, "Origin": "http://testserver"}).status_code == 302
    world.run.refresh_from_db()
    assert world.run.state == "paused"


@pytest.mark.parametrize("path", ["/", "/login/", "/api/runs/", "/admin/"])
def test_an_unknown_host_is_refused(path):
    assert browser_of("administrator").get(path, headers={"host": "evil.example"}).status_code == 400


def test_the_session_cookie_is_out_of_reach_of_scripts_and_other_sites():
    make_user(name="ada", password="correct horse battery")
    browser = Client()
    browser.post("/login/", {"username": "ada", "password": "correct horse battery"})
    cookie = browser.cookies["assay_session"]
    assert (cookie["httponly"], cookie["samesite"], cookie["domain"]) == (True, "Lax", "")


def test_nothing_allows_other_origins_to_read(world):
    browser = browser_of("viewer")
    for path in ("/", "/api/runs/", f"/runs/{world.run.pk}/export/?format=manifest"):
        response = browser.get(path, headers={"Origin": "http://evil.example"})
        assert not [name for name in response.headers if name.lower().startswith("access-control-")]


def test_secrets_stay_out_of_the_frozen_config_and_of_exports(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-very-secret")
    run = make_run()
    written = json.dumps([run.config, manifest(run)]) + b"".join(export(run, "jsonl")).decode()
    assert "sk-very-secret" not in written
    assert settings.SECRET_KEY not in written
    assert str(settings.ASSAY_DATA_DIR) not in written
