"""The socket's handshake through a real web server: only who is signed in, and only from this site's own pages."""

import http.client
import threading

import pytest
import uvicorn
from django.test import Client

from tests.factories import make_run, make_user
from tests.site import free_port
from webapp.asgi import application


@pytest.fixture
def port():
    """A web server of our own, in a thread; it shares the test's database file."""
    port = free_port()
    started = threading.Event()

    class Server(uvicorn.Server):
        async def startup(self, sockets=None):
            await super().startup(sockets)
            started.set()

    server = Server(uvicorn.Config(application, port=port, log_level="error", lifespan="off"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    assert started.wait(20)
    yield port
    server.should_exit = True
    thread.join(20)


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


def test_only_the_sites_own_pages_of_signed_in_people_open_a_socket(cookie, port):
    run = make_run().pk
    own = f"http://127.0.0.1:{port}"
    assert handshake(port, run, Origin=own, Cookie=cookie) == 101
    assert handshake(port, run, Origin="http://evil.example", Cookie=cookie) == 403
    assert handshake(port, run, Origin="null", Cookie=cookie) == 403
    assert handshake(port, run, Cookie=cookie) == 403
    assert handshake(port, run, Origin=own) == 403
    assert handshake(port, run, Origin=own, Cookie="assay_session=guessed") == 403
    assert handshake(port, run, Origin="http://evil.example", Host="evil.example", Cookie=cookie) == 403
