"""What the data folder holds that cannot be made again, and what of it only needs to be named."""

import hashlib
import os
from pathlib import Path

from django.conf import settings

from ...inference import keys
from ...inference.llama_cpp import library
from .manifest import StoredFile

#: The secret that stored keys are sealed with, the keys and what administrators allowed, texts moved out of the database.
PRECIOUS = ("secret_key", "keys/*.key", "keys/allowed.json", "archives/*")


def data_folder() -> Path:
    return Path(settings.ASSAY_DATA_DIR)


def precious_files(with_models: bool) -> list[Path]:
    """The files to keep, model files too if wished."""
    patterns = (*PRECIOUS, "models/*.gguf") if with_models else PRECIOUS
    return [path for pattern in patterns for path in sorted(data_folder().glob(pattern)) if path.is_file()]


def named_models() -> list[StoredFile]:
    """The model files of the library by name, size and hash, so that they can be fetched again."""
    files = [library.find(name) for name in library.names()]
    return [StoredFile(path=path.name, n_bytes=path.stat().st_size, sha256=library.sha256(path)) for path in files]


def missing_models(wanted: list[StoredFile]) -> list[StoredFile]:
    """Those that the library here does not have, or has with other content."""
    known = set(library.names())
    return [model for model in wanted if model.path not in known or library.sha256(library.find(model.path)) != model.sha256]


def differing(files: list[StoredFile]) -> list[str]:
    """Of these files the ones that lie in the data folder with other content, the secret key aside.

    The secret is made by itself at the first start; where no key is stored nothing is sealed with it.
    """
    found = []
    for each in files:
        path = data_folder() / each.path
        if each.path != "secret_key" and path.is_file() and sha256_of(path) != each.sha256:
            found.append(each.path)
    stored = any((data_folder() / "keys").glob("*.key"))
    secret = next((each for each in files if each.path == "secret_key"), None)
    place = data_folder() / "secret_key"
    if secret and stored and place.is_file() and sha256_of(place) != secret.sha256:
        found.append("secret_key")
    return found


def put(relative: str, source, n_bytes: int) -> None:
    """Write a file of the data folder from an open one, readable by its owner only, in one step."""
    path = data_folder() / relative
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        while block := source.read(1 << 20):
            out.write(block)
        out.flush()
        os.fsync(out.fileno())
    if part.stat().st_size != n_bytes:
        part.unlink()
        raise OSError(f"{relative} ended after {part.stat().st_size} of {n_bytes} bytes")
    part.replace(path)


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def unopened_keys() -> list[str]:
    """Stored keys that the secret here does not open."""
    return [name for name, base_url in keys.stored().items() if not base_url]
