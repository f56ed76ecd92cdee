"""`manage.py serve`, which is `make run`: one command starts everything, Ctrl-C stops it, a second start goes on."""

import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

import psutil
import pytest

from tests.site import ROOT, Site


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("data")


def status_of(address: str) -> int:
    try:
        with urllib.request.urlopen(address, timeout=30) as response:
            return response.status
    except urllib.error.HTTPError as error:
        return error.code


def test_ctrl_c_stops_web_server_and_worker_and_says_so(folder):
    with Site(folder) as site:
        site.wait_for(r"Stop with Ctrl-C", 30)
        assert site.children("uvicorn")
        assert site.children("manage.py worker")
        everyone = psutil.Process(site.process.pid).children(recursive=True)
        assert site.stop() == 0
        assert site.wait_for("Stopped.", 5)
        assert "Traceback" not in "".join(site.output)
    assert psutil.wait_procs(everyone, timeout=10)[1] == []


def test_a_second_start_takes_seconds_and_its_link_is_fresh(folder):
    started = time.monotonic()
    with Site(folder) as site:
        # Generous for a busy machine; the first set-up takes minutes.
        assert time.monotonic() - started < 60
        assert status_of(site.link) == 200
        assert status_of(f"{site.address}/login/guess/") == 410
        assert status_of(f"{site.address}/static/css/tokens.css") == 200


def test_a_taken_port_is_named_before_anything_starts(folder):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        command = [sys.executable, "manage.py", "serve", "--port", str(port)]
        ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert ended.returncode == 1
    assert f"Port {port} on 127.0.0.1 is taken by another program. Choose another: make run PORT={port + 1}" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_other_hosts_names_are_refused_and_the_configured_one_is_known(folder):
    with Site(folder, ASSAY_ALLOWED_HOSTS="assay.example") as site:
        for host, status in (("assay.example", 200), ("evil.example", 400)):
            request = urllib.request.Request(f"{site.address}/login/", headers={"Host": host})
            try:
                with urllib.request.urlopen(request, timeout=30) as response:
                    seen = response.status
            except urllib.error.HTTPError as error:
                seen = error.code
            assert seen == status, host


def test_a_killed_worker_is_started_again(folder):
    with Site(folder) as site:
        site.wait_for(r"Stop with Ctrl-C", 30)
        for worker in site.children("manage.py worker"):
            worker.send_signal(signal.SIGKILL)
        site.wait_for(re.escape("The worker ended (signal SIGKILL); starting it again"), 30)
        deadline = time.monotonic() + 30
        while not site.children("manage.py worker"):
            assert time.monotonic() < deadline
            time.sleep(0.1)
