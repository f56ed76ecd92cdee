"""What an administrator allowed: endpoints inside private networks, and where a key from the environment may be sent.

Kept beside the keys and not among a language model's options, which every editor may change.
"""

import json

from . import key_files
from .base_urls import normal_url

_FILE = "allowed.json"


def allow_private(base_url: str) -> None:
    """Let this base URL be asked although its host lies in a private network, and without encryption if it says http."""
    _change("private", base_url, allowed=True)


def allow_key(variable: str, base_url: str) -> None:
    """Let the environment variable's value be sent to this base URL."""
    _change(f"key {variable}", base_url, allowed=True)


def withdraw(base_url: str) -> None:
    """Take back everything that was allowed for this base URL."""
    for what in _read():
        _change(what, base_url, allowed=False)


def allows_private(base_url: str) -> bool:
    return normal_url(base_url) in _read().get("private", ())


def allows_key(variable: str, base_url: str) -> bool:
    return normal_url(base_url) in _read().get(f"key {variable}", ())


def allowed() -> dict[str, list[str]]:
    """By base URL: the environment variables whose keys may be sent there. An empty list allows the address alone."""
    found: dict[str, list[str]] = {}
    for what, urls in _read().items():
        for url in urls:
            found.setdefault(url, []).extend([what.removeprefix("key ")] if what.startswith("key ") else [])
    return dict(sorted(found.items()))


def _change(what: str, base_url: str, allowed: bool) -> None:
    key_files.refresh()
    everything = _read()
    urls = set(everything.get(what, ())) - {normal_url(base_url)}
    everything[what] = sorted(urls | {normal_url(base_url)} if allowed else urls)
    content = json.dumps({what: urls for what, urls in everything.items() if urls}, indent=1)
    key_files.write(_FILE, content.encode())


def _read() -> dict[str, list[str]]:
    return json.loads(key_files.read(_FILE) or "{}")
