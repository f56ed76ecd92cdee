"""Grammars of single texts, through llama.cpp's own grammar sampler."""

import ctypes
import os
import sys
import tempfile

import llama_cpp as native
import numpy as np

from .beginnings import Pieces
from .protocol import Refused

# For more tokens than this, it is asked first which bytes may come next.
_FEW = 1024
_ROW = np.dtype([("id", np.int32), ("logit", np.float32), ("p", np.float32)])


class Grammar:
    """One text's place in a GBNF grammar whose first rule is called root."""

    def __init__(self, vocabulary: native.llama_vocab_p, pieces: Pieces, rules: str):
        self._pieces = pieces
        self._sampler, complaint = _with_stderr(lambda: native.llama_sampler_init_grammar(vocabulary, rules.encode(), b"root"))
        if not self._sampler:
            raise Refused(f"The grammar cannot be used: {complaint or 'llama.cpp refuses it'}. Correct the rules.")

    def __del__(self):
        if self._sampler:
            native.llama_sampler_free(self._sampler)

    def allows(self, token: int) -> bool:
        """Whether this token may come next; an end token only where the grammar is complete."""
        return bool(self._ask(np.array([token]))[0])

    def allowed(self, tokens: np.ndarray) -> np.ndarray:
        """As `allows` for each of the tokens. For a whole vocabulary tens of milliseconds where anything may come next.

        Mostly it is little: then a token is not even asked about unless its first byte alone is allowed.
        """
        if len(tokens) <= _FEW:
            return self._ask(tokens)
        possible = np.ones(257, bool)  # the last one is for tokens without bytes, an end token say
        possible[self._pieces.bytes_with_a_token] = self._ask(self._pieces.tokens_of_one_byte)
        fits = possible[self._pieces.first_bytes[tokens]]
        fits[fits] = self._ask(tokens[fits])
        return fits

    def accept(self, token: int) -> None:
        """Go on by one token, which must be allowed: llama.cpp ends the process otherwise."""
        native.llama_sampler_accept(self._sampler, token)

    def _ask(self, tokens: np.ndarray) -> np.ndarray:
        row = np.zeros(len(tokens), _ROW)
        row["id"] = tokens
        candidates = native.llama_token_data_array()
        candidates.data = ctypes.cast(row.ctypes.data, ctypes.POINTER(native.llama_token_data))
        candidates.size = len(row)
        native.llama_sampler_apply(self._sampler, ctypes.byref(candidates))
        return np.isfinite(row["logit"])


def _with_stderr(call):
    """(what the call returns, the first line it wrote to stderr): the only way in which llama.cpp says what is wrong."""
    sys.stderr.flush()
    before = os.dup(2)
    with tempfile.TemporaryFile() as written:
        os.dup2(written.fileno(), 2)
        try:
            result = call()
        finally:
            os.dup2(before, 2)
            os.close(before)
        written.seek(0)
        line = written.readline().decode(errors="replace").strip()
    return result, line.removeprefix("parse: error parsing grammar: ").rstrip(".")
