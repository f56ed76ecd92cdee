"""Which tokens lie in which sequence of the KV cache. Pure bookkeeping that mirrors, call by call, what llama.cpp does.

A cell holds one token's keys and values and may belong to several sequences, so a forked prefix is stored once.
"""

from typing import Protocol

import numpy as np


class Memory(Protocol):
    """The real cache behind the books."""

    def copy(self, source: int, target: int, n_tokens: int) -> None:
        """Let `target` share the first `n_tokens` cells of `source`."""

    def remove(self, sequence: int, start: int) -> None:
        """Take `sequence` out of its cells from position `start` on; cells of no sequence become free."""


class Cache:
    """`n_cells` cells and the sequences resident in them, each either in use or idle.

    An idle sequence is kept only because a later prompt may begin like it; idle ones are dropped least recently used
    first whenever room is needed.
    """

    def __init__(self, n_cells: int, sequence_ids: range, memory: Memory):
        self._memory = memory
        self.n_cells = n_cells
        self._sequences_of_cell = np.zeros(n_cells, np.int32)
        self._free_cells = list(range(n_cells))
        self._vacant_ids = list(reversed(sequence_ids))
        self._tokens: dict[int, np.ndarray] = {}
        self._cells: dict[int, np.ndarray] = {}
        self._idle: dict[int, None] = {}  # insertion order is the order of last use

    @property
    def n_free(self) -> int:
        """Cells that are free now, idle sequences' cells not counted."""
        return len(self._free_cells)

    def n_tokens(self, sequence: int) -> int:
        return len(self._tokens[sequence])

    def longest_prefix(self, tokens: np.ndarray) -> tuple[int | None, int]:
        """(the resident sequence that shares the most leading tokens, how many those are); (None, 0) without one."""
        best, best_length = None, 0
        for sequence, resident in self._tokens.items():
            length = common_prefix(resident, tokens)
            if length > best_length:
                best, best_length = sequence, length
        return best, best_length

    def open(self, source: int | None = None, n_shared: int = 0) -> int:
        """A new sequence that starts with the first `n_shared` tokens of `source`. The least recently used idle one may go."""
        if source in self._idle:
            self._touch(source)
        if not self._vacant_ids:
            self.evict_one()
        sequence = self._vacant_ids.pop()
        self._tokens[sequence] = np.empty(0, np.int32)
        self._cells[sequence] = np.empty(0, np.int64)
        if source is not None and n_shared:
            self._tokens[sequence] = self._tokens[source][:n_shared]
            self._cells[sequence] = self._cells[source][:n_shared]
            self._sequences_of_cell[self._cells[sequence]] += 1
            self._memory.copy(source, sequence, n_shared)
        return sequence

    def extend(self, sequence: int, tokens: np.ndarray) -> None:
        """Give `sequence` cells for `tokens`, which the caller is about to compute. There must be that many free."""
        cells = [self._free_cells.pop() for _ in tokens]
        self._sequences_of_cell[cells] = 1
        self._cells[sequence] = np.concatenate((self._cells[sequence], cells))
        self._tokens[sequence] = np.concatenate((self._tokens[sequence], tokens))

    def close(self, sequence: int) -> None:
        """Forget `sequence`; its cells that nobody shares become free."""
        self._idle.pop(sequence, None)
        self._leave(self._cells.pop(sequence))
        del self._tokens[sequence]
        self._vacant_ids.append(sequence)
        self._memory.remove(sequence, 0)

    def retire(self, sequence: int, n_kept: int, n_idle_cells: int) -> None:
        """Keep the first `n_kept` tokens of a finished sequence for later prompts, unless another one holds them already.

        Of idle sequences, the latest is always kept and older ones while together they occupy at most `n_idle_cells`:
        every resident cell slows down each step of attention a little.
        """
        kept = self._tokens[sequence][:n_kept]
        others = [other for other in self._tokens if other != sequence]
        holder = next((other for other in others if common_prefix(self._tokens[other], kept) == len(kept)), None)
        if holder is not None or not len(kept):
            self.close(sequence)
            if holder in self._idle:
                self._touch(holder)
            return
        self._leave(self._cells[sequence][n_kept:])
        self._tokens[sequence], self._cells[sequence] = kept, self._cells[sequence][:n_kept]
        self._memory.remove(sequence, n_kept)
        self._idle[sequence] = None
        self.trim(n_idle_cells, n_spared=1)

    def trim(self, n_idle_cells: int, n_spared: int = 0) -> None:
        """Drop idle sequences until they occupy at most so many cells together; the latest `n_spared` stay."""
        while len(self._idle) > n_spared and self._n_idle_cells() > n_idle_cells:
            self.evict_one()

    def make_room(self, n_tokens: int) -> bool:
        """Drop idle sequences until `n_tokens` cells are free; False if that was not enough."""
        while self.n_free < n_tokens:
            if not self._idle:
                return False
            self.evict_one()
        return True

    def n_obtainable(self) -> int:
        """Cells that would be free if every idle sequence went."""
        in_use = np.zeros(self.n_cells, bool)
        for sequence, cells in self._cells.items():
            if sequence not in self._idle:
                in_use[cells] = True
        return int(self.n_cells - np.count_nonzero(in_use))

    def evict_one(self) -> None:
        """Close the least recently used idle sequence."""
        self.close(next(iter(self._idle)))

    def _leave(self, cells: np.ndarray) -> None:
        self._sequences_of_cell[cells] -= 1
        self._free_cells.extend(cells[self._sequences_of_cell[cells] == 0].tolist())

    def _touch(self, sequence: int) -> None:
        del self._idle[sequence]
        self._idle[sequence] = None

    def _n_idle_cells(self) -> int:
        return len(np.unique(np.concatenate([self._cells[sequence] for sequence in self._idle])))


def common_prefix(first: np.ndarray, second: np.ndarray) -> int:
    """The number of leading tokens that are equal."""
    length = min(len(first), len(second))
    different = np.flatnonzero(first[:length] != second[:length])
    return int(different[0]) if len(different) else length
