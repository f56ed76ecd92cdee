"""What reaches llama.cpp of a model's options. No GPU is needed to look at the parameters that one would get."""

import llama_cpp
import pytest

from experiments.inference.base import backends
from experiments.inference.llama_cpp import build, cpu, native


@pytest.fixture
def settings_of(monkeypatch):
    """The engine's settings for given options, as on a machine whose build can use a GPU."""
    monkeypatch.setattr(build, "gpu_kinds", lambda: ["cuda"])
    monkeypatch.setattr(llama_cpp, "llama_supports_gpu_offload", lambda: True)
    monkeypatch.setattr(llama_cpp, "llama_max_devices", lambda: 4)

    def build_settings(**options):
        return native.EngineSettings(**backends.build("llama_cpp", options).engine_settings())

    return build_settings


def test_all_layers_go_to_the_gpu_unless_told_otherwise(settings_of):
    assert native._model_parameters(settings_of()).n_gpu_layers == -1
    assert native._model_parameters(settings_of(gpu_layers=7)).n_gpu_layers == 7
    assert settings_of().flash_attention is None  # llama.cpp knows what the GPU can do


@pytest.mark.parametrize(("split", "mode"), [("layer", 1), ("row", 2), ("none", 0)])
def test_main_gpu_and_split_are_handed_on(settings_of, split, mode):
    parameters = native._model_parameters(settings_of(main_gpu=2, gpu_split=split, gpu_shares=(3, 1)))
    assert (parameters.main_gpu, parameters.split_mode) == (2, mode)
    assert parameters.tensor_split[:4] == [3, 1, 0, 0]


def test_a_build_for_the_processor_gets_no_layers():
    options = {"gpu_layers": 9, "main_gpu": 1}
    settings = native.EngineSettings(**backends.build("llama_cpp", options).engine_settings())
    assert native._model_parameters(settings).n_gpu_layers == 0


@pytest.mark.parametrize(
    ("kind", "number"), [("f16", llama_cpp.GGML_TYPE_F16), ("q8_0", llama_cpp.GGML_TYPE_Q8_0), ("q4_0", llama_cpp.GGML_TYPE_Q4_0)]
)
def test_the_cache_has_the_type_that_was_chosen(settings_of, kind, number):
    parameters = native._context_parameters(settings_of(cache_type=kind, flash_attention="on"))
    assert (parameters.type_k, parameters.type_v) == (number, number)
    assert parameters.flash_attn_type == llama_cpp.LLAMA_FLASH_ATTN_TYPE_ENABLED


@pytest.mark.parametrize("flags", [frozenset({"avx2"}), frozenset({"avx2", "amx_int8"})])
def test_with_amx_weights_are_not_repacked(monkeypatch, settings_of, flags):
    monkeypatch.setattr(cpu, "flags", lambda: flags)
    assert native._model_parameters(settings_of()).use_extra_bufts == ("amx_int8" not in flags)
