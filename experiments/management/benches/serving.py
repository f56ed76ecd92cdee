"""Assay's own processes over a scratch database: the real web server, a real worker, and somebody signed in."""

import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path

import psutil
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY

from experiments.models import User

from .scratch import environment

START_SECONDS = 60


@contextmanager
def web_server(folder: Path) -> Iterator[tuple[int, psutil.Process]]:
    """(port, process) of a web server over the scratch database in `folder`, as soon as it answers."""
    port = _free_port()
    server = ["-m", "uvicorn", "webapp.asgi:application", "--port", str(port), "--no-access-log", "--lifespan", "off"]
    with process([*server, "--log-level", "warning"], folder) as web:
        _wait_for(port)
        yield port, web


@contextmanager
def process(arguments: list[str], folder: Path) -> Iterator[psutil.Process]:
    """A Python process over the scratch database in `folder`, ended with the block."""
    started = psutil.Popen([sys.executable, *arguments], cwd=settings.BASE_DIR, env=environment(folder))
    try:
        yield started
    finally:
        started.terminate()
        started.wait(30)


def session_cookie() -> str:
    """The Cookie header of a new user who is signed in."""
    user = User.objects.create_user("watcher")
    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    return f"{settings.SESSION_COOKIE_NAME}={session.session_key}"


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
