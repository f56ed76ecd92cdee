"""What the loaded native libraries say about themselves, as one JSON object: `python -m experiments.inference.llama_cpp.devices`.

A process of its own, as for all native code; the caller is `build.loaded`.
"""

import ctypes
import json
import os

from . import cpu
from .child import take_over_pipes


def main() -> None:
    _, answers = take_over_pipes()
    import llama_cpp
    from llama_cpp._ggml import libggml

    llama_cpp.llama_backend_init()
    about = {
        "cpu_features": llama_cpp.llama_print_system_info().decode(errors="replace").strip(" |"),
        "offloads_to_gpu": bool(llama_cpp.llama_supports_gpu_offload()),
        "has_amx": cpu.needs_amx_guard(cpu.flags()),
        "devices": [_device(libggml, i) for i in range(_typed(libggml.ggml_backend_dev_count, ctypes.c_size_t)())],
    }
    with os.fdopen(answers, "w", encoding="utf-8") as out:
        json.dump(about, out)


def _device(libggml, index: int) -> dict:
    """{"name", "description", "free_bytes", "total_bytes"} of one device of ggml."""
    device = _typed(libggml.ggml_backend_dev_get, ctypes.c_void_p, ctypes.c_size_t)(index)
    free, total = ctypes.c_size_t(), ctypes.c_size_t()
    sizes = ctypes.POINTER(ctypes.c_size_t)
    _typed(libggml.ggml_backend_dev_memory, None, ctypes.c_void_p, sizes, sizes)(device, free, total)
    texts = {
        name: _typed(getattr(libggml, f"ggml_backend_dev_{name}"), ctypes.c_char_p, ctypes.c_void_p)(device)
        for name in ("name", "description")
    }
    return {name: (text or b"").decode(errors="replace") for name, text in texts.items()} | {
        "free_bytes": free.value,
        "total_bytes": total.value,
    }


def _typed(function, result, *arguments):
    function.restype, function.argtypes = result, arguments
    return function


if __name__ == "__main__":
    main()
