"""One slip in each of some words: what keyboards, scanners and hasty hands do."""

import unicodedata
from collections.abc import Callable
from functools import partial

import numpy as np

from ..seeds import rng as generator
from .edits import Change, Perturbed, changed, n_wanted
from .protection import is_open, open_words

_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
#: QWERTY: beside it in its row, and the two keys that touch it in the row above and below.
NEIGHBOURS = {
    key: "".join(
        [
            row[place - 1 : place] if place else "",
            row[place + 1 : place + 2],
            _ROWS[number - 1][place : place + 2] if number else "",
            _ROWS[number + 1][max(0, place - 1) : place + 1] if number < 2 else "",
        ]
    )
    for number, row in enumerate(_ROWS)
    for place, key in enumerate(row)
}
LOOK_ALIKES = {"o": "0", "O": "0", "l": "1", "I": "l", "m": "rn", "rn": "m", "S": "5", "B": "8", "cl": "d", "d": "cl", "vv": "w"}


def _in_words(
    slip: Callable[[str, np.random.Generator], str | None], operation: str, text: str, rate: float, seed: int
) -> Perturbed:
    """`slip` gives a word with one error, or None where it has no place for it."""
    rng = generator(seed, operation)
    words = open_words(text)
    possible = []
    for start, end in words:
        word = text[start:end]
        after = slip(word, rng)
        # An error may spell a negation, a number or a single letter: "knot" without its k.
        if (
            after is not None
            and after != word
            and sum(map(str.isalpha, after)) >= 2
            and is_open("".join(filter(str.isalpha, after)))
        ):
            possible.append(Change(start, end, after))
    return changed(text, operation, possible, n_wanted(rate, len(words)), rng)


def _swap(word: str, rng: np.random.Generator) -> str | None:
    places = [k for k in range(1, len(word) - 1) if word[k] != word[k + 1] and word[k : k + 2].isalpha()]
    if not places:
        return None
    at = places[rng.integers(len(places))]
    return word[:at] + word[at + 1] + word[at] + word[at + 2 :]


def _delete(word: str, rng: np.random.Generator) -> str | None:
    if len(word) < 4:
        return None
    at = int(rng.integers(1, len(word)))
    return word[:at] + word[at + 1 :]


def _insert(word: str, rng: np.random.Generator) -> str | None:
    at = int(rng.integers(1, len(word) + 1))
    return word[:at] + chr(ord("a") + int(rng.integers(26))) + word[at:]


def _keyboard(word: str, rng: np.random.Generator) -> str | None:
    places = [k for k, letter in enumerate(word) if letter.lower() in NEIGHBOURS]
    if len(word) < 3 or not places:
        return None
    at = places[rng.integers(len(places))]
    near = NEIGHBOURS[word[at].lower()]
    key = near[rng.integers(len(near))]
    return word[:at] + (key.upper() if word[at].isupper() else key) + word[at + 1 :]


def _look_alike(word: str, rng: np.random.Generator) -> str | None:
    places = [(k, seen) for seen in LOOK_ALIKES for k in range(len(word)) if word.startswith(seen, k)]
    if len(word) < 3 or not places:
        return None
    at, seen = places[rng.integers(len(places))]
    return word[:at] + LOOK_ALIKES[seen] + word[at + len(seen) :]


def _random_case(word: str, rng: np.random.Generator) -> str | None:
    # Letters such as ß have no upper case of one letter, and would change the word.
    return "".join(
        other if rng.integers(2) and len(other := letter.swapcase()) == 1 and other.swapcase() == letter else letter
        for letter in word
    )


def _plain(word: str, rng: np.random.Generator) -> str | None:
    return "".join(mark for mark in unicodedata.normalize("NFD", word) if not unicodedata.combining(mark))


#: Each takes (text, rate, seed): rate is the share of the open words that get an error, one each.
swap = partial(_in_words, _swap, "swap")
delete = partial(_in_words, _delete, "delete")
insert = partial(_in_words, _insert, "insert")
keyboard = partial(_in_words, _keyboard, "keyboard")
look_alike = partial(_in_words, _look_alike, "look_alike")
random_case = partial(_in_words, _random_case, "random_case")
drop_diacritics = partial(_in_words, _plain, "drop_diacritics")
