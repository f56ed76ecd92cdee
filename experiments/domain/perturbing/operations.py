"""All perturbations by name, and several of them one after the other."""

from collections.abc import Callable, Sequence
from typing import Literal, NamedTuple, get_args

from ..seeds import derive_seed
from . import characters, sentences, words
from .edits import Perturbed

Level = Literal["sentence", "word", "character"]
Name = Literal[
    "simplify",
    "verbose",
    "irrelevant_before",
    "irrelevant_after",
    "reorder",
    "register",
    "homophone",
    "synonym",
    "drop_stop_word",
    "duplicate",
    "split_or_join",
    "contraction",
    "spoken_number",
    "swap",
    "delete",
    "insert",
    "keyboard",
    "look_alike",
    "random_case",
    "drop_diacritics",
]
_MODULES = {"sentence": sentences, "word": words, "character": characters}


class Operation(NamedTuple):
    """`perturb` takes (text, rate, seed): the same three give the same text."""

    level: Level
    perturb: Callable[[str, float, int], Perturbed]


def operation(name: Name) -> Operation:
    return next(Operation(level, getattr(module, name)) for level, module in _MODULES.items() if hasattr(module, name))


def label(name: Name) -> str:
    return name.replace("_", " ")


def level(name: Name) -> Level:
    return operation(name).level


def perturbed(text: str, names: Sequence[Name], rate: float, seed: int) -> Perturbed:
    """All of them: sentences first, then words, then characters, whatever their order. Sentences are treated whole, so that
    `rate` is that of words and characters."""
    edits = []
    for name in sorted(names, key=get_args(Name).index):
        known = operation(name)
        text, made = known.perturb(text, 1.0 if known.level == "sentence" and rate > 0 else rate, derive_seed(seed, name))
        edits += made
    return Perturbed(text, tuple(edits))
