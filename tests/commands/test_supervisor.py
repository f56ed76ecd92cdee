"""The supervisor with real processes: it restarts what dies and leaves nothing behind."""

import os
import signal
import socket
import sys
import threading
import time

import psutil
import pytest

from experiments.management.supervisor import Child, Supervisor, local_names, port_problem

SLEEPER = [sys.executable, "-c", "import time; time.sleep(600)"]


@pytest.fixture
def supervised():
    """A supervisor over one sleeping child, already running in a thread."""
    said: list[str] = []
    supervisor = Supervisor(said.append)
    child = Child("sleeper", SLEEPER, dict(os.environ))
    supervisor.add(child)
    supervisor.start()
    thread = threading.Thread(target=supervisor.run)
    thread.start()
    yield supervisor, child, said, thread
    supervisor.stop()
    thread.join(20)


def wait_until(condition, seconds: float = 10) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def test_a_killed_child_is_started_again_and_said_so(supervised):
    _, child, said, _ = supervised
    first = child.process.pid
    os.kill(first, signal.SIGKILL)
    assert wait_until(lambda: child.process.pid != first and child.process.poll() is None)
    assert said == ["The sleeper ended (signal SIGKILL); starting it again in 0.5 s."]


def test_stopping_ends_every_child(supervised):
    supervisor, child, _, thread = supervised
    supervisor.stop()
    thread.join(20)
    assert not thread.is_alive()
    assert child.process.returncode == -signal.SIGTERM


def test_a_child_dies_with_its_killed_supervisor(tmp_path):
    script = (
        "import os, sys; from experiments.management.supervisor import Child, Supervisor\n"
        f"child = Child('sleeper', {SLEEPER!r}, dict(os.environ)); s = Supervisor(print); s.add(child); s.start()\n"
        "print(child.process.pid, flush=True); s.run()"
    )
    parent = psutil.Popen([sys.executable, "-c", script], stdout=-1, text=True)
    grandchild = psutil.Process(int(parent.stdout.readline()))
    parent.kill()
    parent.wait()
    grandchild.wait(timeout=10)
    assert not grandchild.is_running()


def test_a_taken_port_is_named_with_the_way_out():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert port_problem("127.0.0.1", port) == (
            f"Port {port} on 127.0.0.1 is taken by another program. Choose another: make run PORT={port + 1}"
        )


def test_a_free_port_is_no_problem():
    assert port_problem("127.0.0.1", 0) is None


def test_an_impossible_port_and_a_foreign_address_are_refused_in_words():
    assert port_problem("127.0.0.1", 70000) == "Port 70000 does not exist; ports go from 1 to 65535."
    assert port_problem("192.0.2.1", 8311).startswith("Cannot listen on 192.0.2.1, port 8311: ")


def test_the_names_of_this_machine_include_loopback():
    assert "127.0.0.1" in local_names()
