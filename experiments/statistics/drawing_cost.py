"""What drawing k of a pool's n samples would have cost, from what all n did."""

import numpy as np
from numpy.typing import ArrayLike


def drawing_cost(
    ks: tuple[int, ...], n: ArrayLike, prompts: ArrayLike, largest_prompt: ArrayLike, texts: ArrayLike
) -> np.ndarray:
    """(pools, len(ks)) expected cost of k samples; all arguments but `ks` are (pools,), in any unit.

    `prompts` is what reading the prompt cost in all, `largest_prompt` the most that one sample paid for it, `texts` all that
    was spent on the texts themselves. The first sample reads the prompt; what further samples paid for it is spread evenly
    over them. So a prompt that is computed once and shared is paid once at every k, and one that every sample pays is paid
    k times; at k = n the cost is what was spent.
    """
    n, prompts, largest, texts = (np.asarray(each, dtype=float)[:, None] for each in (n, prompts, largest_prompt, texts))
    k = np.array(ks, dtype=float)
    per_further_sample = (prompts - largest) / np.maximum(n - 1, 1)
    return largest + (k - 1) * per_further_sample + k * texts / n
