"""Inside the local engine: where a step's time goes, and what predicting lengths saves. Part of `bench engine`."""

from . import Row
from .engine_processes import Baselines

# Natural answers of very different lengths in a cache that holds about half of them at their longest.
_RAMBLING = "<|im_start|>user\nName an animal and tell something about it.<|im_end|>\n<|im_start|>assistant\n"
_N_RAMBLING, _LONGEST, _N_CELLS = 48, 200, 1200


def where_time_goes(process: Baselines, case: str, n_prompt: int, n_texts: int, max_tokens: int) -> list[Row]:
    """Shares of the engine's process, the prompt included."""
    spent = process.ask("profile", n_prompt=n_prompt, n_texts=n_texts, max_tokens=max_tokens)
    decode, sample = (100 * spent[part] / spent["seconds"] for part in ("decode", "sample"))
    return [
        Row(f"{case}: time in llama_decode", decode, "%"),
        Row(f"{case}: time in sampling and logprobs", sample, "%"),
        Row(f"{case}: time in everything else", 100 - decode - sample, "%"),
    ]


def preemptions(process: Baselines) -> list[Row]:
    """The same texts in the same small cache, with lengths learned from those that ended and with none to learn from."""
    case = f"{_N_RAMBLING} answers of any length in {_N_CELLS} cells"
    work = {"prompt": _RAMBLING, "n_texts": _N_RAMBLING, "max_tokens": _LONGEST, "n_cells": _N_CELLS}
    learning, blind = (process.ask("crowd", **work, learns=learns) for learns in (True, False))
    return [
        Row(f"{case}: preemptions where lengths are predicted", learning["preemptions"], "texts"),
        Row(f"{case}: preemptions where they are not", blind["preemptions"], "texts"),
        Row(f"{case}: time, predicted / not", learning["seconds"] / blind["seconds"], "x"),
    ]
