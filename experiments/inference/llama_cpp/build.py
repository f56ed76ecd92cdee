"""What the installed llama.cpp was built for and what machine this is. No native code is loaded into this process to look."""

import importlib.metadata
import importlib.util
import json
import os
import platform
import subprocess
import sys
from pathlib import Path
from typing import Any

import psutil

from ...domain.errors import PermanentInferenceError

_PROJECT = Path(__file__).resolve().parents[3]
# Libraries that ggml makes for each kind of GPU, by what they are called in file names.
_GPU_KINDS = ("cuda", "hip", "metal", "musa", "opencl", "sycl", "vulkan")


def engine_version() -> str:
    return f"llama-cpp-python {importlib.metadata.version('llama-cpp-python')}"


def gpu_kinds() -> list[str]:
    """Kinds of GPU this build can compute on, such as ["cuda"]; empty for a build that knows the CPU only."""
    spec = importlib.util.find_spec("llama_cpp")
    folders = [Path(place) / "lib" for place in spec.submodule_search_locations or []] if spec else []
    files = [path.name.lower() for folder in folders if folder.is_dir() for path in folder.iterdir()]
    return [kind for kind in _GPU_KINDS if any(f"ggml-{kind}" in name for name in files)]


def loaded() -> dict[str, Any]:
    """What `devices` finds in a process that loads the native libraries. Raises PermanentInferenceError if they do not load."""
    command = [sys.executable, "-m", f"{__package__}.devices"]
    try:
        return json.loads(subprocess.run(command, capture_output=True, text=True, check=True, cwd=_PROJECT).stdout)
    except (subprocess.CalledProcessError, ValueError) as error:
        why = (getattr(error, "stderr", "") or str(error)).strip().splitlines()[-1:]
        raise PermanentInferenceError(f"llama.cpp does not load: {' '.join(why)} Install llama-cpp-python again.") from None


def machine_name() -> str:
    """The processor, how many of its cores may be used, and the kinds of GPU the build knows."""
    return ", ".join([_processor(), f"{n_usable_cores()} cores", *gpu_kinds()])


def n_usable_cores() -> int:
    """Logical cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def n_physical_cores() -> int:
    """Physical cores that this process may use."""
    return min(psutil.cpu_count(logical=False) or n_usable_cores(), n_usable_cores())


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        lines = []
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.processor() or platform.machine())
