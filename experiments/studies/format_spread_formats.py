"""The formats that a study asks for, by key."""

from dataclasses import dataclass
from itertools import cycle, islice
from typing import NamedTuple

from ..domain.formats.format import Format
from ..domain.formats.grammar import Grammar
from ..domain.seeds import rng

ORIGINAL = "f0"


class Step(NamedTuple):
    """One constant changed between two formats, by their keys."""

    constant: str
    before: str
    after: str


@dataclass(frozen=True)
class FormatList:
    """`sampled` and `changed` formats by key, the original first; `paths` are two steps each, one after the other."""

    sampled: dict[str, Format]
    changed: dict[str, Format]
    paths: tuple[tuple[Step, Step], ...]

    @property
    def all(self) -> dict[str, Format]:
        return {**self.sampled, **self.changed}

    def name(self, key: str) -> str:
        if key == ORIGINAL:
            return "original format"
        return f"{'format' if key in self.sampled else 'changed format'} {key[1:]}"

    def in_a_sentence(self, key: str) -> str:
        return f"the {self.name(key)}" if key == ORIGINAL else self.name(key)


def listed(grammar: Grammar, n_formats: int, n_paths: int, seed: int) -> FormatList:
    """The original, so many others, and from some of them paths of two changes; the constant to change goes round robin."""
    sampled = {f"f{number}": format for number, format in enumerate(grammar.sampled(n_formats, seed))}
    keys = {format: key for key, format in sampled.items()}
    changed: dict[str, Format] = {}
    generator = rng(seed, "paths of changes")
    constants = cycle(grammar.free_choices)

    def step(before: str) -> Step | None:
        start = {**sampled, **changed}[before]
        for constant in islice(constants, len(grammar.free_choices)):
            if (after := grammar.changed(start, constant, generator)) is not None:
                if after not in keys:
                    keys[after] = f"c{len(changed) + 1}"
                    changed[keys[after]] = after
                return Step(constant, before, keys[after])
        return None

    paths = []
    for start in islice(cycle(sampled), n_paths):
        first = step(start)
        second = step(first.after) if first else None
        if second and second.after != start:
            paths.append((first, second))
    return FormatList(sampled, changed, tuple(paths))
