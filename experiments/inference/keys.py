"""Keys for paid endpoints: named by environment variable, or stored encrypted. Either kind works for one base URL only.

Without that bond whoever may edit a language model could point it at a server of their own and be sent the key.
A stored key can be replaced or forgotten, never shown.
"""

import base64
import json
import os
import re

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from ..domain.errors import InvalidInput
from . import consents, key_files
from .base_urls import normal_url
from .redaction import redact

_SUFFIX = ".key"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,99}")


def store(name: str, key: str, base_url: str) -> None:
    """Keep the key under a name, for this base URL only; a key of that name is replaced. Raises InvalidInput."""
    if not key.strip() or not key.strip().isprintable() or not key.isascii():
        raise InvalidInput("A key is one line of plain characters; this one is empty or holds others.")
    sealed = _seal().encrypt(json.dumps({"base_url": normal_url(base_url), "key": key.strip()}).encode())
    key_files.write(_file(name), sealed)


def forget(name: str) -> None:
    """Delete a stored key; a name that is not stored changes nothing."""
    key_files.write(_file(name), None)


def stored() -> dict[str, str]:
    """Base URL by name of every stored key. A key that cannot be opened any more has an empty one."""
    return {name.removesuffix(_SUFFIX): _open(key_files.read(name)).get("base_url", "") for name in key_files.names(_SUFFIX)}


def stored_key(name: str, base_url: str) -> str:
    """The key stored under this name. Raises InvalidInput if there is none or it was stored for another base URL."""
    sealed = key_files.read(_file(name))
    if sealed is None:
        raise InvalidInput(f"There is no stored key “{name}”. Stored: {', '.join(stored()) or 'none'}.")
    opened = _open(sealed)
    if not opened:
        raise InvalidInput(f"The stored key “{name}” cannot be opened: the server's secret key has changed. Enter the key again.")
    if opened["base_url"] != normal_url(base_url):
        raise InvalidInput(
            f"The stored key “{name}” was entered for {opened['base_url']} and is not sent to {normal_url(base_url)}. "
            "Enter the key again for the new address."
        )
    return opened["key"]


def environment_key(variable: str, base_url: str, usual_url: str = "") -> str:
    """The variable's value, if it may go to this base URL. Raises InvalidInput.

    It may go to `usual_url`, the address the variable is known for, to the address in the variable's own companion
    (OPENAI_BASE_URL for OPENAI_API_KEY), and wherever an administrator allowed.
    """
    key = os.environ.get(_variable(variable), "").strip()
    if not key:
        raise InvalidInput(f"The environment variable {variable} is not set where Assay runs. Set it and start Assay again.")
    if not may_go(variable, base_url, usual_url):
        raise InvalidInput(
            f"The key in {variable} is not sent to {normal_url(base_url)}: an administrator has to allow it, "
            f"or {_companion(variable)} has to say that address where Assay runs."
        )
    return key


def may_go(variable: str, base_url: str, usual_url: str = "") -> bool:
    """Whether the variable's value may be sent to this base URL, as `environment_key` explains."""
    wanted = normal_url(base_url)
    known = [url for url in (usual_url, os.environ.get(_companion(_variable(variable)), "").strip()) if url]
    return wanted in map(normal_url, known) or consents.allows_key(variable, wanted)


def _companion(variable: str) -> str:
    return f"{variable.removesuffix('_API_KEY')}_BASE_URL"


def _seal() -> Fernet:
    derived = HKDF(SHA256(), length=32, salt=None, info=b"assay stored keys").derive(settings.SECRET_KEY.encode())
    return Fernet(base64.urlsafe_b64encode(derived))


def _open(sealed: bytes) -> dict[str, str]:
    try:
        return json.loads(_seal().decrypt(sealed))
    except InvalidToken:
        return {}


def _file(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise InvalidInput(f"“{name}” cannot name a key: use letters, digits, - _ and . only.")
    return f"{name}{_SUFFIX}"


def _variable(name: str) -> str:
    if not _VARIABLE.fullmatch(name):
        raise InvalidInput(f"“{redact(name)}” is not the name of an environment variable. Example: OPENAI_API_KEY")
    return name
