"""The socket's handshake through a real web server: only who is signed in, and only from this site's own pages."""

import http.client

import pytest
from django.test import Client

from tests.factories import make_run, make_user
from tests.servers.web import web_server


@pytest.fixture
def cookie(transactional_db) -> str:
    browser = Client()
    browser.force_login(make_user(role="viewer"))
    return f"assay_session={browser.cookies['assay_session'].value}"


def handshake(port: int, run: int, **headers: str) -> int:
    """The status of the answer: 101 opens the socket."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    upgrade = {
        "Host": f"127.0.0.1:{port}",
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    }
    connection.request("GET", f"/ws/runs/{run}/", headers={**upgrade, **headers})
    status = connection.getresponse().status
    connection.close()
    return status


def test_only_the_sites_own_pages_of_signed_in_people_open_a_socket(cookie):
    run = make_run().pk
    with web_server() as port:
        own = f"http://127.0.0.1:{port}"
        assert handshake(port, run, Origin=own, Cookie=cookie) == 101
        assert handshake(port, run, Origin="http://evil.example", Cookie=cookie) == 403
        assert handshake(port, run, Origin="null", Cookie=cookie) == 403
        assert handshake(port, run, Cookie=cookie) == 403
        assert handshake(port, run, Origin=own) == 403
        assert handshake(port, run, Origin=own, Cookie="assay_session=guessed") == 403
        assert handshake(port, run, Origin="http://evil.example", Host="evil.example", Cookie=cookie) == 403
        assert handshake(port, run, Origin=own, Host="evil.example", Cookie=cookie) == 403
        # Another program's page on this machine: browsers send it our cookies, for ports do not part sites.
        assert handshake(port, run, Origin="http://127.0.0.1:3000", Cookie=cookie) == 403
        assert handshake(port, run, Origin="http://127.0.0.1", Cookie=cookie) == 403


def test_a_trusted_origin_in_front_of_the_site_may_open_it_too(cookie, settings):
    settings.CSRF_TRUSTED_ORIGINS = ["https://assay.example"]
    run = make_run().pk
    with web_server() as port:
        assert handshake(port, run, Origin="https://assay.example", Cookie=cookie) == 101
        assert handshake(port, run, Origin="http://assay.example", Cookie=cookie) == 403
