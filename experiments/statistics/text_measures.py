"""How long a text is, in the ways that do not depend on a tokenizer."""

import re
from hashlib import blake2b

_SENTENCE_END = re.compile(r"[.!?…]+[\"”’)\]]*(?=\s|$)")


def n_words(text: str) -> int:
    """Pieces between white space."""
    return len(text.split())


def wording(text: str) -> int:
    """A number between -2**63 and 2**63 - 1 that texts of the same words share, whatever their case, spaces and punctuation."""
    words = " ".join(re.findall(r"\w+", text.casefold()))
    return int.from_bytes(blake2b(words.encode(), digest_size=8).digest(), signed=True)


def n_steps(text: str) -> int:
    """Lines that are not blank; sentences, split on ". ", where there is but one line. Complexity-Based Prompting, 2022."""
    lines = sum(not line.isspace() for line in text.splitlines() if line)
    return lines if lines != 1 else sum(bool(part.strip()) for part in text.split(". "))


def n_sentences(text: str) -> int:
    """Stretches that end with a full stop, question or exclamation mark before a blank; a rest without one counts too."""
    return sum(bool(part.strip()) for part in _SENTENCE_END.split(text))
