"""Weights in 16 bits instead of the file's own form: which is taken, that they say the same, and what happens if they cannot."""

from dataclasses import replace

import numpy as np
import pytest

from experiments.domain.errors import PermanentInferenceError
from experiments.inference.base import backends
from experiments.inference.llama_cpp import build, cpu, library, weights

ZEN5 = "processor\t: 0\nflags\t\t: fpu avx2 f16c fma avx512f avx512_bf16\n\nprocessor\t: 1\nflags\t\t: fpu\n"
ZEN3 = "flags : fpu avx2 f16c fma\n"
SAPPHIRE_RAPIDS = "flags : avx2 f16c fma avx512_bf16 amx_bf16 amx_tile amx_int8\n"
PASSAGE = (
    "The keeper of the lighthouse climbed the stairs and lit the lamp, because ships depended on it. "
    "def fib(n): return n if n < 2 else fib(n - 1) + fib(n - 2)"
)


@pytest.fixture
def bundled():
    return library.info(library.find(library.BUNDLED))


@pytest.mark.parametrize(
    ("cpuinfo", "form"),
    [(ZEN5, "bf16"), (ZEN3, "f16"), ("flags : fpu sse2\n", "stored"), ("Features : fp asimd\n", "stored"), ("", "stored")],
)
def test_the_processor_decides_what_q4_1_becomes_where_nothing_was_measured(bundled, cpuinfo, form):
    assert weights.usual(bundled, cpu.flags_in(cpuinfo)) == form


def test_what_llama_cpp_computes_in_batches_already_stays_as_it_is(bundled):
    assert weights.usual(replace(bundled, tensor_type="Q4_K"), cpu.flags_in(ZEN5)) == "stored"
    assert weights.forms(replace(bundled, tensor_type="F16")) == ("stored",)


def test_a_model_too_large_to_unpack_stays_as_it_is(bundled):
    large = replace(bundled, n_bytes_unpacked=2**60)
    assert weights.forms(large) == ("stored",)
    assert weights.usual(large, cpu.flags_in(ZEN5)) == "stored"


@pytest.mark.parametrize(("cpuinfo", "guarded"), [(SAPPHIRE_RAPIDS, True), (ZEN5, False), ("", False)])
def test_only_processors_with_amx_need_the_guard(cpuinfo, guarded):
    assert cpu.needs_amx_guard(cpu.flags_in(cpuinfo)) is guarded


def test_a_gpu_gets_the_weights_as_they_are(monkeypatch):
    monkeypatch.setattr(build, "gpu_kinds", lambda: ["cuda"])
    assert backends.build("llama_cpp").fingerprint()["computes_with"]["weights"] == "stored"


def logprobs(form):
    """Of every token of the vocabulary after each token of a passage, shape (tokens, vocabulary)."""
    from experiments.inference.llama_cpp.native import EngineSettings, Model

    backend = backends.build("llama_cpp", {"weights": form, "context_tokens": 256, "flash_attention": "off"})
    backend.prepare()
    model = Model(EngineSettings(**backend.engine_settings()))
    tokens = np.array(model.tokenise(PASSAGE, parse_special=False), np.int32)
    rows = model.decode([(0, 0, tokens, len(tokens))]).astype(np.float64)
    return rows - np.logaddexp.reduce(rows, axis=1, keepdims=True)


@pytest.mark.skipif(cpu.needs_amx_guard(cpu.flags()), reason="loaded beside the tests' own process, it must not crash")
def test_unpacked_weights_say_the_same_and_rounding_moves_them_less():
    finest, bfloat, stored = logprobs("f16"), logprobs("bf16"), logprobs("stored")

    def divergence(others):
        return (np.exp(finest) * (finest - others)).sum(axis=1).mean()

    assert 0 <= divergence(bfloat) < 0.001
    assert divergence(bfloat) < divergence(stored) / 4 < 0.01


def test_a_file_that_cannot_be_unpacked_is_named_with_the_reason(settings, tmp_path):
    settings.ASSAY_DATA_DIR = tmp_path
    broken = tmp_path / "broken.gguf"
    broken.write_bytes(b"GGUF and nothing else")
    with pytest.raises(PermanentInferenceError, match=r"“broken\.gguf” could not be unpacked.*choose weights in memory “stored”"):
        weights.unpack(broken, "f16")
    assert list((tmp_path / "unpacked").iterdir()) == []
