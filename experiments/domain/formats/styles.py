"""How descriptors and numbers are written."""

from string import ascii_lowercase, ascii_uppercase

from .constants import CASINGS

_ROMANS = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII", "XIII", "XIV", "XV")

#: The labels of each way to count, in order. "1" goes on for ever and is not among them.
_LABELS = {
    "A": tuple(ascii_uppercase),
    "a": tuple(ascii_lowercase),
    "\u2160": tuple(chr(0x2160 + i) for i in range(12)),
    "i": tuple(roman.lower() for roman in _ROMANS),
    "I": _ROMANS,
}


def cased(descriptor: str, casing: str) -> str:
    """The descriptor in one of the CASINGS."""
    as_written, title, upper, lower = CASINGS
    writings = {as_written: str, title: str.title, upper: str.upper, lower: str.lower}
    return writings[casing](descriptor)


def most_items(item_number: str) -> int | None:
    """How far one of the ITEM_NUMBERS counts, None for as far as one likes."""
    return len(_LABELS[item_number]) if item_number in _LABELS else None


def item_labels(item_number: str, n: int) -> tuple[str, ...]:
    """The first n labels, fewer where it does not count that far."""
    if item_number in _LABELS:
        return _LABELS[item_number][:n]
    return tuple(str(k + 1) for k in range(n))


def wrapped(label: str, wrapper: str) -> str:
    """The label inside one of the ITEM_WRAPPERS."""
    return wrapper.replace("x", label)
