"""All selectors by name, with what they are called and what they need."""

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import wraps

import numpy as np

from ..pools import Pool
from .complexity_vote import complexity_vote
from .highest_score import best_by_verifier, likeliest, longest, shortest
from .majority import majority
from .mean import mean
from .oracle import oracle
from .perplexity_consistency import perplexity_consistency, whole_text_consistency
from .rpc import rpc
from .weighted_vote import raw_vote, softmax_vote, weighted_vote
from .worst import worst_of_k

#: pool, ks, verifier, seed -> (len(ks),) accuracy; the same for many pools -> (pools, len(ks)).
Accuracy = Callable[[Pool, tuple[int, ...], str, int], np.ndarray]
Accuracies = Callable[[Sequence[Pool], tuple[int, ...], str, int], np.ndarray]


@dataclass(frozen=True)
class Selector:
    """`label` is what it is called, with {verifier} in its place; `needs` are words of `pools.offered`.

    It measures one pool at a time, or `many` at once where that is much faster. What it does is told by that function.
    """

    label: str
    one: Accuracy | None = None
    needs: frozenset[str] = frozenset()
    many: Accuracies | None = None

    @property
    def description(self) -> str:
        return inspect.getdoc(self.one or self.many) or ""

    @property
    def reads_scores(self) -> bool:
        return bool(self.needs & {"scores", "weights"})

    def name_with(self, verifier: str) -> str:
        return self.label.replace("{verifier}", verifier.replace("_", " "))


def _closed(accuracy: Callable[[Pool, tuple[int, ...]], np.ndarray]) -> Accuracy:
    """One that needs neither a verifier nor a seed."""
    return wraps(accuracy)(lambda pool, ks, verifier, seed: accuracy(pool, ks))


def _drawn(accuracy: Callable[[Pool, tuple[int, ...], int], np.ndarray]) -> Accuracy:
    """One that draws subsets and needs no verifier."""
    return wraps(accuracy)(lambda pool, ks, verifier, seed: accuracy(pool, ks, seed))


def _scored(accuracy: Callable[[Pool, tuple[int, ...], str], np.ndarray]) -> Accuracy:
    """One in closed form that needs a verifier."""
    return wraps(accuracy)(lambda pool, ks, verifier, seed: accuracy(pool, ks, verifier))


@wraps(rpc)
def _rpc(pools: Sequence[Pool], ks: tuple[int, ...], verifier: str, seed: int) -> np.ndarray:
    return rpc(pools, ks, seed)


_SCORES, _LOGPROBS = frozenset({"scores"}), frozenset({"logprobs"})

SELECTORS: dict[str, Selector] = {
    "oracle": Selector("oracle (pass@k)", _closed(oracle)),
    "majority": Selector("majority", _drawn(majority)),
    "best": Selector("best by {verifier}", _scored(best_by_verifier), _SCORES),
    "weighted": Selector("weighted by {verifier}", weighted_vote, _SCORES),
    "weighted_softmax": Selector("softmax-weighted by {verifier}", softmax_vote, _SCORES),
    "weighted_raw": Selector("raw-weighted by {verifier}", raw_vote, frozenset({"weights"})),
    "likeliest": Selector("likeliest (PPL)", _closed(likeliest), _LOGPROBS),
    "pc": Selector("perplexity consistency", _drawn(perplexity_consistency), _LOGPROBS),
    "pc_whole": Selector("perplexity consistency, whole text", _drawn(whole_text_consistency), _LOGPROBS),
    "rpc": Selector("RPC", needs=_LOGPROBS, many=_rpc),
    "complexity": Selector("vote of the 70% with most steps", _drawn(complexity_vote), frozenset({"lengths"})),
    "shortest": Selector("shortest", _closed(shortest)),
    "longest": Selector("longest", _closed(longest)),
    "mean": Selector("mean (no selection)", _closed(mean)),
    "worst": Selector("worst of k (oracle)", _closed(worst_of_k)),
}


def applicable(offers: frozenset[str]) -> tuple[str, ...]:
    """The selectors that what the pools offer is enough for."""
    return tuple(name for name, selector in SELECTORS.items() if selector.needs <= offers)
