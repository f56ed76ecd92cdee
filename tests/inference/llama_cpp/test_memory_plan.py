"""The plan made from the header against the buffers that llama.cpp reports when it loads the bundled model."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from experiments.domain.errors import InvalidInput
from experiments.inference.base import backends
from experiments.inference.llama_cpp import library, memory
from experiments.inference.memory import DoesNotFit

MIB = 2**20

# Loads with the settings on stdin and prints the log; a process of its own, as for all native code.
LOAD = """
import ctypes, json, sys
import llama_cpp
from experiments.inference.llama_cpp import native
@llama_cpp.llama_log_callback
def show(level, text, user_data):
    sys.stdout.write(text.decode(errors="replace"))
native._log_to_stderr = show
native.Model(native.EngineSettings(**json.load(sys.stdin)))
"""


def reported_mib(backend):
    """What llama.cpp says it set up: {"weights": MiB, "cache": MiB, "buffers": MiB}."""
    backend.prepare()
    settings = json.dumps(backend.engine_settings())
    root = Path(__file__).parents[3]
    ended = subprocess.run([sys.executable, "-c", LOAD], input=settings, capture_output=True, text=True, check=True, cwd=root)
    sizes = {"weights": 0.0, "cache": 0.0, "buffers": 0.0}
    for kind, size in re.findall(r"(model|KV|output|compute) buffer size = +([\d.]+) MiB", ended.stdout):
        sizes[{"model": "weights", "KV": "cache"}.get(kind, "buffers")] += float(size)
    return sizes


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"context_tokens": 1000, "batch_tokens": 256, "slots": 4},
        {"flash_attention": "on", "cache_type": "q8_0", "weights": "stored"},
        {"context_tokens": 512, "batch_tokens": 32, "slots": 128},
    ],
)
def test_the_plan_is_never_less_and_little_more_than_what_is_taken(options):
    backend = backends.build("llama_cpp", options)
    planned = backend.memory_plan().parts
    reported = reported_mib(backend)
    assert planned["weights"] / MIB == pytest.approx(reported["weights"], abs=2)
    assert planned["cache"] / MIB == pytest.approx(reported["cache"], rel=0.001)
    # Buffers grow after loading, when rows of logits are first wanted for more tokens than there are sequences.
    n_sequences = backend.engine_settings()["n_sequences"]
    growth = 2 * max(0, memory.n_logit_rows(n_sequences, 512) - n_sequences) * 49_152 * 4 / MIB
    assert reported["buffers"] <= planned["buffers"] / MIB <= 1.1 * reported["buffers"] + growth + 1


async def test_a_model_that_does_not_fit_is_refused_before_it_is_loaded():
    with pytest.raises(DoesNotFit, match=r"“SmolLM2.*” needs 9\d,\d{3} MiB.*cache 92,160 MiB.*Lower the context tokens"):
        await backends.build("llama_cpp", {"context_tokens": 4_194_304, "flash_attention": "on"}).connect()


def test_layers_with_heads_of_their_own_are_added_up(settings):
    info = library.info(library.find(library.BUNDLED))
    listed = {**info.metadata, "llama.attention.head_count_kv": [3] * 10 + [0] * 20}
    shorter = type(info)(**{**vars(info), "metadata": listed})
    plans = [memory.memory_plan(each, 1024, 8, 128, "f16", False).parts["cache"] for each in (info, shorter)]
    assert plans[1] * 3 == plans[0]


def test_a_small_cache_without_flash_attention_is_refused():
    with pytest.raises(InvalidInput, match="A cache of q8_0 needs flash attention"):
        backends.build("llama_cpp", {"cache_type": "q8_0", "flash_attention": "off"})
