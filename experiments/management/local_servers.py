"""PostgreSQL and Redis of our own: Debian's programs, on one address, with data folders that nobody else uses.

For `serve --grown`, the benchmarks and the tests. A lab's real servers are its administrator's affair.
"""

import contextlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

import psycopg
from psycopg import sql

from ..domain.errors import AssayError

START_SECONDS = 30
STOP_SECONDS = 15
POSTGRES_USER = "postgres"


class ServersMissing(AssayError):
    """The programs are not installed, or may not be run here."""


def data_folder(prefix: str = "assay-") -> Path:
    """A new folder under /tmp that PostgreSQL's own user can reach."""
    folder = Path(tempfile.mkdtemp(prefix=prefix, dir="/tmp"))
    folder.chmod(0o755)
    return folder


def free_port(host: str = "127.0.0.1") -> int:
    with socket.socket() as probe:
        probe.bind((host, 0))
        return probe.getsockname()[1]


class LocalPostgres:
    """A PostgreSQL server whose data live in `folder`. `inside` goes before each command, such as `ip netns exec NAME`."""

    def __init__(
        self, folder: Path, port: int, host: str = "127.0.0.1", *, inside: tuple[str, ...] = (), settings: dict | None = None
    ):
        self.folder, self.port, self.host = Path(folder), port, host
        self._inside = inside
        self._settings = settings or {}
        self._process: subprocess.Popen | None = None

    @property
    def url(self) -> str:
        return f"postgres://{POSTGRES_USER}@{self.host}:{self.port}/{POSTGRES_USER}"

    def database_url(self, name: str) -> str:
        """Of the database of this name, made where it is missing."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        return f"postgres://{POSTGRES_USER}@{self.host}:{self.port}/{name}"

    def start(self) -> None:
        postgres, initdb = _postgres_program("postgres"), _postgres_program("initdb")
        data = self.folder / "data"
        if not (data / "PG_VERSION").exists():
            self._make_folder()
            command = [initdb, "-D", str(data), "-U", POSTGRES_USER, "--auth=trust", "-E", "UTF8", "--locale=C.UTF-8"]
            done = subprocess.run(command, **_as_postgres(), cwd=self.folder, capture_output=True, text=True)
            if done.returncode:
                raise ServersMissing(f"PostgreSQL's initdb failed in {data}: {done.stderr.strip()}")
            # Whoever started us connects without a password: over TCP, from this address only.
            (data / "pg_hba.conf").write_text("local all all trust\nhost all all samehost trust\nhost all all samenet trust\n")
        settings = {
            "listen_addresses": self.host,
            "port": self.port,
            "unix_socket_directories": "",
            "max_connections": 200,
            **self._settings,
        }
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        with (self.folder / "log").open("ab") as log:
            # Each of these replaces itself by the next, so that the process we hold is the server.
            command = [*self._inside, *_demoted(), *_mortal("INT"), postgres, "-D", str(data), *options]
            self._process = subprocess.Popen(command, cwd=self.folder, stdout=log, stderr=log, start_new_session=True)
        self._wait()

    def stop(self, *, kill: bool = False) -> None:
        """`kill` as a crash would; else clients are cut and the server ends in order, if it can in good time."""
        if self._process and self._process.poll() is None:
            if not kill:
                self._process.send_signal(signal.SIGINT)  # "fast"
                with contextlib.suppress(subprocess.TimeoutExpired):
                    self._process.wait(STOP_SECONDS)
            self._process.send_signal(signal.SIGQUIT)  # at once, with recovery at the next start; nothing where it has ended
            self._process.wait(STOP_SECONDS)
        self._process = None

    def _make_folder(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        if os.geteuid() == 0:
            shutil.chown(self.folder, POSTGRES_USER)
            for above in self.folder.resolve().parents:
                if not above.stat().st_mode & 0o001:
                    raise ServersMissing(
                        f"PostgreSQL does not run as root, and its user “{POSTGRES_USER}” may not enter {above}. "
                        "Set ASSAY_DATA_DIR to a folder that everybody may enter, or start Assay as another user."
                    )

    def _wait(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                psycopg.connect(self.url, connect_timeout=2).close()
                return
            except psycopg.OperationalError as error:
                if self._process.poll() is not None or time.monotonic() > deadline:
                    last = (self.folder / "log").read_text(errors="replace").strip().splitlines()[-3:]
                    raise ServersMissing(f"PostgreSQL did not start in {self.folder}: {' '.join(last) or error}") from None
            time.sleep(0.05)

    def __enter__(self) -> "LocalPostgres":
        self.start()
        return self

    def __exit__(self, *_) -> None:
        self.stop()


class LocalRedis:
    """A Redis server that keeps what it can in `folder`; with `keeps=False` a restart loses its queues."""

    def __init__(self, folder: Path, port: int, host: str = "127.0.0.1", *, inside: tuple[str, ...] = (), keeps: bool = True):
        self.folder, self.port, self.host = Path(folder), port, host
        self._inside = inside
        self._keeps = keeps
        self._process: subprocess.Popen | None = None

    @property
    def url(self) -> str:
        return f"redis://{self.host}:{self.port}/0"

    def start(self) -> None:
        program = shutil.which("redis-server")
        if program is None:
            raise ServersMissing("Redis is not installed. On Debian: apt-get install redis-server")
        self.folder.mkdir(parents=True, exist_ok=True)
        kept = ["--appendonly", "yes"] if self._keeps else ["--appendonly", "no", "--save", ""]
        where = ["--bind", self.host, "--port", str(self.port), "--dir", str(self.folder), "--protected-mode", "no"]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [*self._inside, *_mortal("TERM"), program, *where, *kept], stdout=log, stderr=log, start_new_session=True
            )
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                last = (self.folder / "log").read_text(errors="replace").strip().splitlines()[-2:]
                raise ServersMissing(f"Redis did not start in {self.folder}: {' '.join(last)}")
            time.sleep(0.05)

    def stop(self, *, kill: bool = False) -> None:
        if self._process and self._process.poll() is None:
            self._process.send_signal(9 if kill else 15)
            self._process.wait(STOP_SECONDS)
        self._process = None

    def _answers(self) -> bool:
        try:
            with socket.create_connection((self.host, self.port), timeout=1) as connection:
                connection.sendall(b"PING\r\n")
                return connection.recv(7) == b"+PONG\r\n"
        except OSError:
            return False

    def __enter__(self) -> "LocalRedis":
        self.start()
        return self

    def __exit__(self, *_) -> None:
        self.stop()


def _postgres_program(name: str) -> str:
    """Debian keeps PostgreSQL's programs out of the path, a folder for each version."""
    versions = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: float(path.parts[4]))
    found = str(versions[-1]) if versions else shutil.which(name)
    if found is None:
        raise ServersMissing("PostgreSQL is not installed. On Debian: apt-get install postgresql")
    return found


def _as_postgres() -> dict:
    """How subprocess starts a program of PostgreSQL, which refuses to run as root."""
    if os.geteuid() != 0:
        return {}
    account = pwd.getpwnam(POSTGRES_USER)
    return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}


def _demoted() -> list[str]:
    """The same for a command that must first do something as root, such as enter a network namespace."""
    return ["setpriv", "--reuid", POSTGRES_USER, "--regid", POSTGRES_USER, "--clear-groups"] if os.geteuid() == 0 else []


def _mortal(signal_name: str) -> list[str]:
    """The server gets this signal when we die without stopping it."""
    return ["setpriv", "--pdeathsig", signal_name]
