"""A language model of a few lines that stands where llama.cpp stands, for tests of the scheduler alone.

Its next token depends on all tokens of the sequence as they lie in its own cell-by-cell cache, so a wrong fork, a lost
cell or a token computed twice changes what it says.
"""

import numpy as np

N_VOCAB = 101
END = 100


class ToyModel:
    n_vocab = N_VOCAB
    end_tokens = frozenset({END})
    shares_prefixes = True
    max_rows = 8

    def __init__(self, n_cells: int, may_end: bool = False):
        self.max_tokens = n_cells
        self.n_cells = n_cells
        self.may_end = may_end
        self.cells: list[tuple[int, int, set[int]]] = []  # (position, token, sequences)
        self.computed: list[int] = []  # tokens in each decode
        self.peak_cells = 0

    def copy(self, source, target, n_tokens):
        for position, _, sequences in self.cells:
            if source in sequences and position < n_tokens:
                sequences.add(target)

    def remove(self, sequence, start):
        for position, _, sequences in self.cells:
            if position >= start:
                sequences.discard(sequence)
        self.cells = [cell for cell in self.cells if cell[2]]

    def decode(self, chunks):
        rows = []
        for sequence, start, tokens, n_rows in chunks:
            held = [token for _, token, _ in self._content(sequence)]
            assert len(held) == start, "a chunk must continue its sequence without gap or overlap"
            self.cells += [(start + i, int(token), {sequence}) for i, token in enumerate(tokens)]
            content = [token for _, token, _ in self._content(sequence)]
            rows += [self.logits(content[: len(content) - n]) for n in reversed(range(n_rows))]
        assert len(rows) <= self.max_rows
        self.computed.append(sum(len(tokens) for _, _, tokens, _ in chunks))
        self.peak_cells = max(self.peak_cells, len(self.cells))
        assert len(self.cells) <= self.n_cells, "the cache overflows"
        return np.array(rows, np.float32).reshape(-1, N_VOCAB)

    def logits(self, tokens):
        state = 0
        for token in tokens:
            state = (state * 31 + token + 7) % 1_000_003
        logits = np.sin(np.arange(N_VOCAB) * (state % 97 + 1)) * 3
        if not self.may_end:
            logits[END] = -1e9
        return logits

    def piece(self, token):
        return f" {token}".encode()

    def _content(self, sequence):
        return sorted((cell for cell in self.cells if sequence in cell[2]), key=lambda cell: cell[0])
