"""A whole Assay in its own data folder: `manage.py serve` as a real process, as `make run` starts it."""

import os
import re
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parent.parent


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Site:
    """Start, kill parts of, and stop one installation. `link` is the one-time link it printed."""

    def __init__(self, folder: Path, *arguments: str, port: int | None = None, **environment: str):
        self.folder = folder
        self.port = port or free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.environment = {**os.environ, "ASSAY_DATA_DIR": str(folder), "DATABASE_URL": "", **environment}
        self._arguments = arguments
        self.output: list[str] = []
        self._printed = threading.Condition()
        self.process: subprocess.Popen | None = None

    def __enter__(self) -> "Site":
        command = [sys.executable, "manage.py", "serve", "--port", str(self.port), *self._arguments]
        self.process = subprocess.Popen(
            command, cwd=ROOT, env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        threading.Thread(target=self._read, daemon=True).start()
        self.link = self.wait_for(rf"{re.escape(self.address)}/\S+", 120)
        return self

    def __exit__(self, *_) -> None:
        self.stop()

    def stop(self) -> int:
        """Ctrl-C; the exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        return self.process.wait(30)

    def _read(self) -> None:
        for line in self.process.stdout:
            with self._printed:
                self.output.append(line)
                self._printed.notify_all()

    def wait_for(self, pattern: str, seconds: float) -> str:
        """The first printed text that matches, as soon as it appears."""
        with self._printed:
            if not self._printed.wait_for(lambda: re.search(pattern, "".join(self.output)), seconds):
                raise AssertionError(f"{pattern!r} was not printed in {seconds} s; output:\n{''.join(self.output)}")
            return re.search(pattern, "".join(self.output)).group()

    def manage(self, *arguments: str) -> str:
        """Run another management command on the same data; its standard output."""
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments], cwd=ROOT, env=self.environment, capture_output=True, text=True
        )
        if done.returncode:
            raise AssertionError(f"{arguments} failed:\n{done.stdout}{done.stderr}")
        return done.stdout

    def children(self, word: str) -> list[psutil.Process]:
        """Living descendants whose command line contains the word, e.g. "uvicorn", "worker", "llama_cpp.child"."""
        found = []
        for process in psutil.Process(self.process.pid).children(recursive=True):
            try:
                if word in " ".join(process.cmdline()):
                    found.append(process)
            except psutil.NoSuchProcess:
                continue
        return found
