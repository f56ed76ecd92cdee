"""Inside the local engine: where a step's time goes, and what predicting lengths saves. Part of `bench engine`."""

import numpy as np

from experiments.inference.llama_cpp.protocol import Frame
from experiments.inference.llama_cpp.running import Text
from experiments.inference.llama_cpp.sampler import Sampler
from experiments.inference.llama_cpp.scheduler import Scheduler
from experiments.inference.llama_cpp.text import TextWriter

from . import Row
from .engine_processes import Baselines

_N_RAMBLING, _MEAN_LENGTH, _LONGEST, _N_CELLS = 192, 80, 300, 700


def where_time_goes(process: Baselines, case: str, n_prompt: int, n_texts: int, max_tokens: int) -> list[Row]:
    """Shares of the engine's process, the prompt included."""
    spent = process.ask("profile", n_prompt=n_prompt, n_texts=n_texts, max_tokens=max_tokens)
    decode, sample = (100 * spent[part] / spent["seconds"] for part in ("decode", "sample"))
    return [
        Row(f"{case}: time in llama_decode", decode, "%"),
        Row(f"{case}: time in sampling and logprobs", sample, "%"),
        Row(f"{case}: time in everything else", 100 - decode - sample, "%"),
    ]


def preemptions() -> list[Row]:
    """The same texts in the same small cache, with lengths learned from those that ended and with none to learn from."""
    counts = [_n_preempted(learns) for learns in (True, False)]
    case = f"{_N_RAMBLING} texts of {_MEAN_LENGTH} tokens on average in {_N_CELLS} cells: preemptions"
    return [
        Row.at_most(f"{case} where lengths are predicted", counts[0], "texts", counts[1] / 2),
        Row(f"{case} where they are not", counts[1], "texts"),
    ]


def _n_preempted(learns: bool) -> int:
    """Unless it `learns`, each text has a condition of its own, so that no length seen predicts another."""
    scheduler = Scheduler(_Rambling(), _N_CELLS, n_slots=16, n_sequences=24, batch_tokens=64)
    prompt = np.arange(40, dtype=np.int32)
    for id in range(_N_RAMBLING):
        sampler, condition = Sampler(seed=id, temperature=1.0), "" if learns else str(id)
        scheduler.submit(Text(id, "run", str(id // 16), prompt, _LONGEST, sampler, TextWriter(), condition=condition))
    while not scheduler.is_idle:
        scheduler.step(Frame())
    return scheduler.n_preemptions


class _Rambling:
    """Stands where llama.cpp stands for the scheduler: ends each text with the same probability at every token."""

    n_vocab = 2
    end_tokens = frozenset({1})
    shares_prefixes = True
    max_tokens = _N_CELLS
    max_rows = 64

    def decode(self, chunks: list[tuple[int, int, np.ndarray, int]]) -> np.ndarray:
        row = np.array([0, -np.log(_MEAN_LENGTH - 1)], np.float32)
        return np.tile(row, (sum(n_rows for *_, n_rows in chunks), 1))

    def copy(self, source: int, target: int, n_tokens: int) -> None:
        """There is no cache but the scheduler's own books."""

    def remove(self, sequence: int, start: int) -> None:
        """As for `copy`."""

    def piece(self, token: int) -> bytes:
        return b"a "
