"""How long texts would take a machine that serves nothing else, from timings of a busy one.

Cheaply Evaluating Inference Efficiency Metrics for Autoregressive Transformer APIs, 2023: T(p, o) = F(p) + g (o - 1).
"""

from dataclasses import dataclass

import numpy as np

#: Prompts must differ by so many tokens for their share of the time to be told from noise.
_LEAST_SPAN = 64
#: Texts of like prompts for the fastest of them to mean something.
_FEWEST_TRIALS = 10


@dataclass(frozen=True)
class Runtime:
    """A fitted law. `firsts[i]` is F of `prompts[i]` tokens, between them a line; `per_token` is g. Times in seconds.

    `r_squared`, `mean_squared_error` and `largest_squared_error` say how well it describes the timings it was fitted to.
    """

    prompts: tuple[float, ...]
    firsts: tuple[float, ...]
    per_token: float
    r_squared: float | None = None
    mean_squared_error: float | None = None
    largest_squared_error: float | None = None

    def first(self, prompt: np.ndarray) -> np.ndarray:
        """F(p): until the first token is there. Beyond the sizes measured the last line goes on."""
        prompt = np.asarray(prompt, dtype=float)
        inside = np.interp(prompt, self.prompts, self.firsts)
        return np.where(prompt > self.prompts[-1], self.firsts[-1] + self._slope_at_end * (prompt - self.prompts[-1]), inside)

    def seconds(self, prompt: np.ndarray, completion: np.ndarray) -> np.ndarray:
        """T(p, o) for arrays of token counts. A text without a token takes what its prompt takes."""
        return self.first(prompt) + self.per_token * np.maximum(np.asarray(completion, dtype=float) - 1, 0)

    @property
    def per_prompt_token(self) -> float | None:
        """Seconds that one more token of a prompt takes, None where prompts of too like a length do not tell."""
        if self.prompts[-1] - self.prompts[0] < _LEAST_SPAN:
            return None
        slope = _slope(np.array(self.prompts), np.array(self.firsts))
        return slope if slope > 0 else None

    def prefill_tokens(self, prompt: np.ndarray, cached: np.ndarray, completion: np.ndarray) -> float | None:
        """PTE* of the texts, with a decoded token as dear in a long context as in a short one."""
        if self.per_prompt_token is None:
            return None
        return pte_star(prompt, cached, completion, per_token=self.per_token / self.per_prompt_token, per_context_token=0.0)

    @property
    def _slope_at_end(self) -> float:
        if len(self.prompts) < 2:
            return 0.0
        return max(0.0, (self.firsts[-1] - self.firsts[-2]) / (self.prompts[-1] - self.prompts[-2]))


def fit_runtime(prompt: np.ndarray, completion: np.ndarray, seconds: np.ndarray) -> Runtime | None:
    """The law behind timings of (prompt, completion) token counts; None where no prompt size has two lengths of text.

    For every prompt size F is the line's value at one token, or the mean of the runs with one token where there are some, and
    never below that of the smallest size; then g from all runs together.
    """
    sizes, firsts = [], []
    for size in np.unique(prompt):
        own = prompt == size
        ones = own & (completion == 1)
        if ones.any():
            found = float(seconds[ones].mean())
        elif len(np.unique(completion[own])) > 1:
            slope = _slope(completion[own], seconds[own])
            found = float(seconds[own].mean() - slope * (completion[own].mean() - 1))
        else:
            continue
        sizes.append(float(size))
        firsts.append(max(found, firsts[0] if firsts else 0.0))
    if not sizes:
        return None
    kept = np.isin(prompt, sizes)
    prompt, completion, seconds = prompt[kept], completion[kept], seconds[kept]
    law = Runtime(tuple(sizes), tuple(firsts), 0.0)
    after = completion - 1
    per_token = float(after @ (seconds - law.first(prompt)) / (after @ after)) if after.any() else 0.0
    law = Runtime(law.prompts, law.firsts, max(per_token, 0.0))
    squares = (seconds - law.seconds(prompt, completion)) ** 2
    spread = float(((seconds - seconds.mean()) ** 2).sum())
    r_squared = 1 - float(squares.sum()) / spread if spread else None
    return Runtime(law.prompts, law.firsts, law.per_token, r_squared, float(squares.mean()), float(squares.max()))


def denoised(prompt: np.ndarray, completion: np.ndarray, seconds: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Timings as repeated trials: prompts gathered into classes of up to double length, of equal texts the fastest kept.

    What else a machine does can only make a text slower, so the fastest is the nearest to its own time. A class with few texts
    has no such fastest and is left out.
    """
    classes = np.floor(np.log2(prompt + 1)).astype(int)
    often = np.isin(classes, np.flatnonzero(np.bincount(classes) >= _FEWEST_TRIALS))
    prompt, completion, seconds, classes = prompt[often], completion[often], seconds[often], classes[often]
    middles = {each: float(np.median(prompt[classes == each])) for each in np.unique(classes).tolist()}
    fastest: dict[tuple[float, float], float] = {}
    for key in zip([middles[each] for each in classes.tolist()], completion.tolist(), seconds.tolist(), strict=True):
        fastest[key[:2]] = min(key[2], fastest.get(key[:2], key[2]))
    found = np.array([(*place, time) for place, time in sorted(fastest.items())]).reshape(-1, 3)
    return found[:, 0], found[:, 1], found[:, 2]


def pte_star(
    prompt: np.ndarray, cached: np.ndarray, completion: np.ndarray, *, per_token: float, per_context_token: float
) -> float:
    """Everything in tokens of a prompt: sum of (L - R) + sum over t = 1..D of (per_token + per_context_token (L + t)).

    A working formula of this project, not of a paper: L tokens of context at the start of each text, R of them reused,
    D decoded. `per_token` is alpha gamma and `per_context_token` is gamma / L_ref of the handbook.
    """
    prompt, cached, decoded = (np.asarray(each, dtype=float) for each in (prompt, cached, completion))
    grown = decoded * prompt + decoded * (decoded + 1) / 2
    return float((prompt - cached + per_token * decoded + per_context_token * grown).sum())


def _slope(x: np.ndarray, y: np.ndarray) -> float:
    """Least squares."""
    centred = x - x.mean()
    return float(centred @ (y - y.mean()) / (centred @ centred))
