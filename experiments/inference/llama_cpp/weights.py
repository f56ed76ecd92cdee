"""Weights in memory: as the file stores them, or unpacked to 16 bits.

llama.cpp multiplies 16-bit weights with all tokens of a batch at once. For some quantisations, Q4_1 among them, it has no
such way on a CPU: it unpacks each weight again for every token, and rounds what it is multiplied with to 8 bits. So
unpacked weights take more memory, compute many texts side by side faster, and come closer to what the file says.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import psutil

from ...domain.errors import PermanentInferenceError
from . import library
from .gguf import GgufInfo

_PROJECT = Path(__file__).resolve().parents[3]
STORED = "stored"
UNPACKED = ("bf16", "f16")
_IS_UNPACKED = frozenset({"F64", "F32", "F16", "BF16"})
# Types that llama.cpp 0.5 neither repacks for a CPU nor multiplies in tiles, so that a batch gains little.
_WITHOUT_BATCHES = frozenset({"Q4_1", "Q5_1"})
# Unpacked weights may take this part of the machine's memory without being asked for.
_SHARE_OF_MEMORY = 1 / 8


def forms(info: GgufInfo) -> tuple[str, ...]:
    """The forms worth trying for a file on a CPU, as it is stored first."""
    if info.tensor_type in _IS_UNPACKED or info.n_bytes_unpacked > psutil.virtual_memory().total * _SHARE_OF_MEMORY:
        return (STORED,)
    return (STORED, *UNPACKED)


def usual(info: GgufInfo, flags: frozenset[str]) -> str:
    """The form for a CPU with these flags where nothing was measured."""
    if info.tensor_type in _WITHOUT_BATCHES and len(forms(info)) > 1:
        if "avx512_bf16" in flags:
            return "bf16"
        if {"avx2", "fma", "f16c"} <= flags:
            return "f16"
    return STORED


def path_of(source: Path, form: str) -> Path:
    """Where the weights of model file `source` lie in this form. The place of an unpacked one may still be empty."""
    return source if form == STORED else library.folder().parent / "unpacked" / f"{library.sha256(source)[:32]}-{form}.gguf"


def unpack(source: Path, form: str) -> None:
    """Put the weights at their place, where they are missing. Raises PermanentInferenceError if they cannot be."""
    target = path_of(source, form)
    if target.exists():
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".unpacking-") as temporary:
        made = Path(temporary) / target.name
        work = json.dumps({"source": str(source), "target": str(made), "form": form, "n_threads": psutil.cpu_count() or 1})
        command = [sys.executable, "-m", f"{__package__}.unpacking"]
        ended = subprocess.run(command, input=work, capture_output=True, text=True, cwd=_PROJECT)
        if ended.returncode:
            words = " / ".join(line for line in ended.stderr.splitlines()[-2:] if line)
            raise PermanentInferenceError(
                f"The weights of “{source.name}” could not be unpacked into {target.parent}: {words}. Free some disk space, "
                "or choose weights in memory “stored”."
            )
        os.replace(made, target)


def drop(source: Path, form: str) -> None:
    """Remove unpacked weights that nobody wants to keep; a process that has them loaded keeps its own."""
    if form != STORED:
        path_of(source, form).unlink(missing_ok=True)
