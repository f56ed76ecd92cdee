"""All selectors by name, with what they are called and what they need."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

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

    It measures one pool at a time, or `many` at once where that is much faster.
    """

    label: str
    one: Accuracy | None = None
    needs: frozenset[str] = frozenset()
    many: Accuracies | None = None

    def name_with(self, verifier: str) -> str:
        return self.label.replace("{verifier}", verifier.replace("_", " "))


SELECTORS: dict[str, Selector] = {
    "oracle": Selector("oracle (pass@k)", lambda pool, ks, verifier, seed: oracle(pool, ks)),
    "majority": Selector("majority", lambda pool, ks, verifier, seed: majority(pool, ks, seed)),
    "best": Selector(
        "best by {verifier}",
        lambda pool, ks, verifier, seed: best_by_verifier(pool, ks, verifier),
        frozenset({"scores"}),
    ),
    "weighted": Selector("weighted by {verifier}", weighted_vote, frozenset({"scores"})),
    "weighted_softmax": Selector("softmax-weighted by {verifier}", softmax_vote, frozenset({"scores"})),
    "weighted_raw": Selector("raw-weighted by {verifier}", raw_vote, frozenset({"weights"})),
    "likeliest": Selector("likeliest (PPL)", lambda pool, ks, verifier, seed: likeliest(pool, ks), frozenset({"logprobs"})),
    "pc": Selector(
        "perplexity consistency",
        lambda pool, ks, verifier, seed: perplexity_consistency(pool, ks, seed),
        frozenset({"logprobs"}),
    ),
    "pc_whole": Selector(
        "perplexity consistency, whole text",
        lambda pool, ks, verifier, seed: whole_text_consistency(pool, ks, seed),
        frozenset({"logprobs"}),
    ),
    "rpc": Selector("RPC", needs=frozenset({"logprobs"}), many=lambda pools, ks, verifier, seed: rpc(pools, ks, seed)),
    "complexity": Selector(
        "vote of the 70% with most steps",
        lambda pool, ks, verifier, seed: complexity_vote(pool, ks, seed),
        frozenset({"lengths"}),
    ),
    "shortest": Selector("shortest", lambda pool, ks, verifier, seed: shortest(pool, ks)),
    "longest": Selector("longest", lambda pool, ks, verifier, seed: longest(pool, ks)),
    "mean": Selector("mean (no selection)", lambda pool, ks, verifier, seed: mean(pool, ks)),
    "worst": Selector("worst of k (oracle)", lambda pool, ks, verifier, seed: worst_of_k(pool, ks)),
}


def applicable(offers: frozenset[str]) -> tuple[str, ...]:
    """The selectors that what the pools offer is enough for."""
    return tuple(name for name, selector in SELECTORS.items() if selector.needs <= offers)
