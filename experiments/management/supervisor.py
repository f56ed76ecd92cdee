"""Keeps a few child processes running: restarts what dies, stops all of them together."""

import ctypes
import errno
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import psutil

STOP_SECONDS = 10
FIRST_BACKOFF_SECONDS = 0.5
LONGEST_BACKOFF_SECONDS = 30
# A child that lived this long before it died starts over with the shortest backoff.
HEALTHY_SECONDS = 60


@dataclass
class Child:
    """One process to keep alive."""

    name: str
    command: list[str]
    environment: dict[str, str]
    process: subprocess.Popen | None = None
    started_at: float = 0.0
    backoff: float = FIRST_BACKOFF_SECONDS
    restart_at: float = field(default=0.0)

    def start(self) -> None:
        # Its own session: Ctrl-C reaches the supervisor alone, which then stops the children in order.
        self.process = subprocess.Popen(
            self.command, env=self.environment, stdin=subprocess.DEVNULL, start_new_session=True, preexec_fn=_die_with_parent
        )
        self.started_at = time.monotonic()
        self.restart_at = 0.0


class Supervisor:
    """Start, watch, stop. `say` receives one line for everything worth knowing."""

    def __init__(self, say: Callable[[str], None]):
        self._say = say
        self._children: list[Child] = []
        self._stopping = threading.Event()

    def add(self, child: Child) -> None:
        self._children.append(child)

    def start(self) -> None:
        for child in self._children:
            child.start()

    def stop(self) -> None:
        """Ask `run` to end; safe inside a signal handler."""
        self._stopping.set()

    def wait_for_port(self, host: str, port: int, seconds: float = 60) -> bool:
        """True once something answers on the port, False if stopped or not in time."""
        target = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and not self._stopping.is_set():
            self._revive()
            try:
                socket.create_connection((target, port), timeout=1).close()
                return True
            except OSError:
                self._stopping.wait(0.1)
        return False

    def run(self) -> None:
        """Keep the children alive until `stop`, then end them."""
        while not self._stopping.wait(0.2):
            self._revive()
        self._end_all()

    def _revive(self) -> None:
        now = time.monotonic()
        for child in self._children:
            if child.restart_at:
                if now >= child.restart_at:
                    child.start()
            elif child.process.poll() is not None:
                if now - child.started_at > HEALTHY_SECONDS:
                    child.backoff = FIRST_BACKOFF_SECONDS
                self._say(
                    f"The {child.name} ended ({_ending(child.process.returncode)}); starting it again in {child.backoff:g} s."
                )
                child.restart_at = now + child.backoff
                child.backoff = min(child.backoff * 2, LONGEST_BACKOFF_SECONDS)

    def _end_all(self) -> None:
        running = [child.process for child in self._children if child.process.poll() is None]
        for process in running:
            process.terminate()
        deadline = time.monotonic() + STOP_SECONDS
        for process in running:
            try:
                process.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _die_with_parent() -> None:
    """On Linux a child gets SIGTERM when the supervisor is killed, so that nothing stays behind on the port."""
    if sys.platform == "linux":
        pr_set_pdeathsig = 1
        ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGTERM)


def _ending(code: int) -> str:
    return f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"


def port_problem(host: str, port: int) -> str | None:
    """Why the address cannot be served from, in words, or None."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                return f"Port {port} on {host} is taken by another program. Choose another: make run PORT={port + 1}"
            return f"Cannot listen on {host}, port {port}: {error.strerror or error}. Choose another: make run HOST=… PORT=…"
        except OverflowError:
            return f"Port {port} does not exist; ports go from 1 to 65535."
    return None


def local_names() -> list[str]:
    """Every name and address this machine answers to, for a server that listens on all interfaces."""
    addresses = [entry.address.split("%")[0] for entries in psutil.net_if_addrs().values() for entry in entries]
    numbers = [f"[{address}]" if ":" in address else address for address in addresses if "." in address or address.count(":") < 8]
    return sorted({socket.gethostname(), socket.getfqdn(), *numbers})
