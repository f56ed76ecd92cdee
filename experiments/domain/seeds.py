"""Seeds derived from names, so that the same question under the same run seed always draws the same numbers."""

import hashlib

import numpy as np

# llama.cpp reads 0xFFFFFFFF as "pick one yourself", so it is kept out of the range.
_SEEDS = 2**32 - 1


def derive_seed(*parts: object) -> int:
    """A seed in [0, 2**32 - 2] from the parts' text; each part is length-prefixed so ("ab", "c") != ("a", "bc")."""
    digest = hashlib.sha256()
    for part in parts:
        text = str(part).encode()
        digest.update(len(text).to_bytes(8, "big") + text)
    return int.from_bytes(digest.digest()[:8], "big") % _SEEDS


def rng(*parts: object) -> np.random.Generator:
    """An independent numpy generator for the parts."""
    return np.random.default_rng(derive_seed(*parts))
