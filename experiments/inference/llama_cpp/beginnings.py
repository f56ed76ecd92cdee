"""Texts that must begin with given bytes: how the last token of a partial message is written again (token healing).

A partial message rarely ends where the model would end a token: after "http:" it would never write "//", because it knows
"://" as one token. So the message's last token is taken back, and what is written instead must begin with its bytes.
"""

from bisect import bisect_left
from collections import defaultdict

import numpy as np


class Pieces:
    """A vocabulary in the order of its tokens' bytes. `pieces` are given by token id; empty ones are never written."""

    def __init__(self, pieces: list[bytes]):
        self._order = sorted((token for token, piece in enumerate(pieces) if piece), key=pieces.__getitem__)
        self._sorted = [pieces[token] for token in self._order]
        self._same: dict[bytes, list[int]] = defaultdict(list)
        for token in self._order:
            self._same[pieces[token]].append(token)
        #: The first byte of each token, 256 for one without bytes; and of each byte that is a token by itself, that token.
        self.first_bytes = np.array([piece[0] if piece else 256 for piece in pieces], np.int16)
        singles = {piece[0]: tokens[0] for piece, tokens in self._same.items() if len(piece) == 1}
        self.bytes_with_a_token = np.array(list(singles), np.intp)
        self.tokens_of_one_byte = np.array(list(singles.values()), np.int32)

    def that_begin(self, beginning: bytes) -> list[int]:
        """Tokens whose bytes begin with `beginning`, or with which `beginning` begins."""
        after = bisect_left(self._sorted, beginning)
        end = after
        while end < len(self._sorted) and self._sorted[end].startswith(beginning):
            end += 1
        shorter = [token for n in range(1, len(beginning)) for token in self._same.get(beginning[:n], ())]
        return [*self._order[after:end], *shorter]


class Beginning:
    """The bytes that one text has still to begin with."""

    def __init__(self, pieces: Pieces, owed: bytes):
        self._pieces = pieces
        self.owed = owed

    def condition(self, logits: np.ndarray) -> np.ndarray:
        """The row with every token that does not fit impossible: its probabilities are given what must be written."""
        if not self.owed:
            return logits
        fitting = self._pieces.that_begin(self.owed)
        conditioned = np.full_like(logits, -np.inf)
        conditioned[fitting] = logits[fitting]
        return conditioned

    def take(self, piece: bytes) -> bytes:
        """What of a written token's bytes goes beyond the ones owed."""
        beyond = piece[len(self.owed) :]
        self.owed = self.owed[len(piece) :]
        return beyond
