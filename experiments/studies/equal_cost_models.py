"""A small model with many tokens against a larger one with few, at equal FLOPs."""

from collections.abc import Sequence
from itertools import combinations
from math import inf

import numpy as np

from ..statistics.equal_cost import compare
from ..statistics.estimates import Estimate
from ..statistics.flops_match import token_multiplier
from .base import Finding
from .equal_cost_arms import Arm, Group
from .wording import FEWEST_PAIRS, describe_difference


def models_finding(groups: Sequence[Group], pretraining_ratio: float, rng: np.random.Generator) -> Finding | None:
    """Every strategy of the smaller model against best-of-N of the larger that costs as many FLOPs, on the problems of both."""
    numbers: dict[str, Estimate] = {}
    sentences = []
    for small, large in _pairs(groups):
        sentence, estimates = _match(small, large, pretraining_ratio, rng)
        sentences.append(sentence)
        numbers |= estimates
    if not sentences:
        return None
    return Finding("models", "Models at equal FLOPs", " ".join(sentences), numbers, details={"comparisons": len(numbers)})


def _pairs(groups: Sequence[Group]) -> list[tuple[Group, Group]]:
    """(smaller, larger) of the same wording and decoding, where both sizes are known."""
    found = []
    for one, other in combinations(groups, 2):
        a, b = one.setting, other.setting
        sizes = (a.n_parameters or 0, b.n_parameters or 0)
        if (a.variant, a.decoding) == (b.variant, b.decoding) and 0 not in sizes and sizes[0] != sizes[1]:
            found.append((one, other) if sizes[0] < sizes[1] else (other, one))
    return found


def _match(small: Group, large: Group, pretraining_ratio: float, rng: np.random.Generator) -> tuple[str, dict[str, Estimate]]:
    """One larger answer is worth `multiplier` times its tokens from the smaller model."""
    size_ratio = large.setting.n_parameters / small.setting.n_parameters
    multiplier = token_multiplier(size_ratio, pretraining_ratio or inf)
    names = f"{small.setting.language_model} ({small.setting.n_parameters:,} weights)", large.setting.language_model
    words = f"{names[0]} against {names[1]}, {size_ratio:.1f} times larger"
    words += f", pretraining counted at R = {pretraining_ratio:g}" if pretraining_ratio else ""
    words += f": one token of the larger is worth {multiplier:.4g} of the smaller."
    shared = sorted(set(small.problems) & set(large.problems))
    arms = [arm for arm in small.arms if not arm.uses_oracle]
    if not shared:
        return f"{words} No problem is finished by both.", {}
    here, there = (np.searchsorted(group.problems, shared) for group in (small, large))
    ks = [_k(large, arm.costs["flops"] * size_ratio / multiplier) for arm in arms]
    differences = [arm.right[here] - large.pool.at(large.selector, k)[there] for arm, k in zip(arms, ks, strict=True)]
    compared = compare(np.column_stack(differences), rng)
    estimates = {_name(small, large, arm, k): each.difference for arm, k, each in zip(arms, ks, compared, strict=True)}
    best = max(range(len(arms)), key=lambda i: compared[i].difference.value)
    told = describe_difference(compared[best].difference)
    n_clear = sum(each.is_clear() and each.difference.n >= FEWEST_PAIRS for each in compared)
    return (
        f"{words} At equal FLOPs {arms[best].label} comes out first: {told} against {ks[best]:.1f} samples of the larger; "
        f"{n_clear} of {len(arms)} differences are clear after correction.",
        estimates,
    )


def _k(large: Group, flops: float) -> float:
    """Samples of the larger model for so many FLOPs, held to those it drew; less than one cannot be drawn."""
    k = large.pool.k_for(flops, "flops", large.intensity, large.selector == "best")
    return min(max(k, 1.0), float(large.pool.n))


def _name(small: Group, large: Group, arm: Arm, k: float) -> str:
    return f"{small.setting.language_model}, {arm.label} − {large.setting.language_model}, {large.reference} at {k:.1f} samples"
