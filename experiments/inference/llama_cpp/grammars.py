"""Grammars of single texts, through llama.cpp's own grammar sampler."""

import ctypes
import os
import sys
import tempfile

import llama_cpp as native
import numpy as np

from .protocol import Refused

_ROW = np.dtype([("id", np.int32), ("logit", np.float32), ("p", np.float32)])


class Grammar:
    """One text's place in a GBNF grammar whose first rule is called root."""

    def __init__(self, vocabulary: native.llama_vocab_p, rules: str):
        self._sampler, complaint = _with_stderr(lambda: native.llama_sampler_init_grammar(vocabulary, rules.encode(), b"root"))
        if not self._sampler:
            raise Refused(f"The grammar cannot be used: {complaint or 'llama.cpp refuses it'}. Correct the rules.")

    def __del__(self):
        if self._sampler:
            native.llama_sampler_free(self._sampler)

    def allows(self, token: int) -> bool:
        """Whether this token may come next; an end token only where the grammar is complete."""
        return bool(np.isfinite(self._apply(np.array([(token, 0, 0)], _ROW))["logit"][0]))

    def mask(self, logits: np.ndarray) -> None:
        """Make every token impossible that may not come next. Milliseconds for a whole vocabulary."""
        possible = np.flatnonzero(np.isfinite(logits))
        row = np.zeros(len(possible), _ROW)
        row["id"] = possible
        logits[possible[~np.isfinite(self._apply(row)["logit"])]] = -np.inf

    def accept(self, token: int) -> None:
        """Go on by one token, which must be allowed: llama.cpp ends the process otherwise."""
        native.llama_sampler_accept(self._sampler, token)

    def _apply(self, row: np.ndarray) -> np.ndarray:
        candidates = native.llama_token_data_array()
        candidates.data = ctypes.cast(row.ctypes.data, ctypes.POINTER(native.llama_token_data))
        candidates.size = len(row)
        native.llama_sampler_apply(self._sampler, ctypes.byref(candidates))
        return row


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
