"""Several machines on this one: each host is a network namespace with a name and an address of its own, on one bridge.

Their links can be cut and mended. The test itself stands on the bridge too and reaches every host that is not cut.
"""

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil

from tests.site import ROOT

# Gives the host its name, then becomes the command.
_NAMED = 'hostname "$0" && exec "$@"'


class HostsMissing(Exception):
    """This machine does not let us make network namespaces; the message says why."""


class Host:
    """One machine: a data folder of its own, and processes that know no other network than the bridge."""

    def __init__(self, name: str, namespace: str, link: str, bridge: str, address: str, folder: Path):
        self.name, self.address, self.folder = name, address, folder
        self._namespace, self._link, self._bridge = namespace, link, bridge
        self.processes: list[subprocess.Popen] = []

    @property
    def inside(self) -> tuple[str, ...]:
        """Goes before a command that is to run on this host."""
        return ("ip", "netns", "exec", self._namespace, "unshare", "--uts", "sh", "-c", _NAMED, self.name)

    def start(self, *command: str, **environment: str) -> subprocess.Popen:
        """A Python process in the checkout, with `environment` over ours; what it says goes to `log`."""
        # It dies with us: a test that is killed leaves nothing behind.
        line = [*self.inside, "setpriv", "--pdeathsig", "KILL", sys.executable, *command]
        with self.log.open("ab") as log:
            process = subprocess.Popen(line, cwd=ROOT, env={**os.environ, **environment}, stdout=log, stderr=log)
        self.processes.append(process)
        return process

    @property
    def log(self) -> Path:
        return self.folder / "log"

    def pull_cable(self) -> None:
        """The link is down, which the host can see."""
        _ip("link", "set", self._link, "down")

    def drop_everything(self) -> None:
        """No packet goes either way, and nobody is told."""
        _ip("link", "set", self._link, "nomaster")

    def mend(self) -> None:
        _ip("link", "set", self._link, "up", "master", self._bridge)


class Hosts:
    """The bridge and what hangs on it. Everything is gone after the block."""

    def __init__(self, folder: Path):
        self._folder = folder
        self._number = os.getpid() % 100_000
        self._bridge = f"assay{self._number}"
        self._hosts: list[Host] = []

    def add(self, name: str) -> Host:
        position = len(self._hosts) + 2
        namespace, link = f"{self._bridge}-{name}", f"as{self._number}v{position}"
        address = self._address(position)
        folder = self._folder / name
        folder.mkdir()
        folder.chmod(0o755)
        _ip("netns", "add", namespace)
        host = Host(name, namespace, link, self._bridge, address, folder)
        self._hosts.append(host)
        _ip("link", "add", link, "type", "veth", "peer", "name", "eth0", "netns", namespace)
        _ip("-n", namespace, "address", "add", f"{address}/24", "dev", "eth0")
        _ip("-n", namespace, "link", "set", "lo", "up")
        _ip("-n", namespace, "link", "set", "eth0", "up")
        host.mend()
        return host

    def _address(self, position: int) -> str:
        return f"10.231.{self._number % 250}.{position}"

    def __enter__(self) -> "Hosts":
        _ip("link", "add", self._bridge, "type", "bridge")
        _ip("address", "add", f"{self._address(1)}/24", "dev", self._bridge)
        _ip("link", "set", self._bridge, "up")
        return self

    def __exit__(self, *_) -> None:
        for host in self._hosts:
            for process in host.processes:
                with contextlib.suppress(psutil.NoSuchProcess):
                    for each in [*psutil.Process(process.pid).children(recursive=True), process]:
                        each.kill()
                process.wait()
        for host in self._hosts:
            _ip("netns", "delete", host._namespace)
        _ip("link", "delete", self._bridge)


@contextlib.contextmanager
def several_hosts() -> Iterator[Hosts]:
    """Raises HostsMissing where this machine has no network namespaces for us."""
    if missing := [program for program in ("ip", "unshare", "setpriv", "hostname") if shutil.which(program) is None]:
        raise HostsMissing(f"not installed: {', '.join(missing)} (Debian: iproute2, util-linux, hostname)")
    # PostgreSQL's own user has to reach it.
    folder = Path(tempfile.mkdtemp(prefix="assay-hosts-", dir="/tmp"))
    folder.chmod(0o755)
    try:
        with Hosts(folder) as hosts:
            yield hosts
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _ip(*arguments: str) -> None:
    done = subprocess.run(["ip", *arguments], capture_output=True, text=True)
    if done.returncode:
        raise HostsMissing(f"ip {' '.join(arguments)}: {done.stderr.strip()} (needs root)")
