"""What local models are computed with, as a person asks for it."""

from django.core.management import call_command

from experiments.inference.llama_cpp import library


def test_it_tells_build_device_memory_features_guard_and_models(capsys, settings, tmp_path):
    settings.ASSAY_DATA_DIR = tmp_path
    library.folder().mkdir()
    (library.folder() / "broken.gguf").write_bytes(b"GGUF")
    call_command("engine_info")
    said = capsys.readouterr().out
    for words in (
        "Build: llama-cpp-python",
        "Device CPU:",
        "Layers can go to a GPU:",
        "CPU features: CPU :",
        "AMX guard:",
        f"{library.BUNDLED}: 134,515,008 parameters, Q4_1, licence apache-2.0",
        "broken.gguf: “broken.gguf” is a damaged GGUF file",
        "nothing yet, defaults apply",
    ):
        assert words in said
