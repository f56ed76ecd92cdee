"""What the installed llama.cpp was built for, told by its files: no native code is loaded to look."""

import importlib.metadata
import importlib.util
from pathlib import Path

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
