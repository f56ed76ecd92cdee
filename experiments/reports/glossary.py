"""The words of this laboratory, out of glossary.toml: tooltips, the glossary's pages and the search all read them here."""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path


@dataclass(frozen=True)
class Term:
    """`kind` is word, verdict or statistic. `see` names other terms, `docs` pages of plug-ins as “family/name”."""

    name: str
    title: str
    kind: str
    sentence: str
    more: str = ""
    see: tuple[str, ...] = ()
    docs: tuple[str, ...] = ()

    @property
    def paragraphs(self) -> list[str]:
        return [" ".join(part.split()) for part in self.more.split("\n\n") if part.strip()]


@cache
def glossary() -> dict[str, Term]:
    """Every term by its name, in the order of the file."""
    entries = tomllib.loads(Path(__file__).with_name("glossary.toml").read_text())
    return {
        name: Term(name, **{**entry, "see": tuple(entry.get("see", ())), "docs": tuple(entry.get("docs", ()))})
        for name, entry in entries.items()
    }


def terms_of(kind: str) -> list[Term]:
    return [term for term in glossary().values() if term.kind == kind]
