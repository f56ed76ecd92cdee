"""Three signs that answers were worked out and not recited."""

from collections.abc import Sequence

import numpy as np

from ..statistics.estimates import Estimate
from ..statistics.intervals import bootstrap_mean
from ..statistics.ratios import ratio
from .base import Finding
from .brevity_arms import Group
from .wording import describe


def contamination_finding(groups: Sequence[Group], larger: Sequence[Group], rng: np.random.Generator) -> Finding:
    """On the control's answers. `larger` are the groups of the larger models, all where sizes are not known."""
    numbers = {
        "distinct answers across models": _diversity(groups, rng),
        "variation of length": _variation(groups, rng),
        "wrong answers that had named a right one": _left_behind(larger, rng),
    }
    diversity, variation, left_behind = numbers.values()
    sentences = [
        "Across models, a share of "
        f"{describe(diversity)} of the answers to a problem has words of its own: recited answers would repeat."
        if diversity.value is not None
        else "Whether models repeat the same words can be told from two language models on.",
        f"The length of answers to one problem varies by {describe(variation)} of its mean."
        if variation.value is not None
        else "How lengths vary can be told from two answers to a problem on.",
        f"Of the wrong answers{' of the larger models' if len(larger) < len(groups) else ''}, a share of "
        f"{describe(left_behind)} had named a right answer before: a lower bound of our own making on those that "
        "were talked out of it, for only values that the question does not mention are looked for."
        if left_behind.value is not None
        else "No answer that could be looked at for a right one left behind was wrong.",
    ]
    return Finding("contamination", "Recited or worked out", " ".join(sentences), numbers)


def _diversity(groups: Sequence[Group], rng: np.random.Generator) -> Estimate:
    """Distinct wordings among the first answers of all groups, as a share of them."""
    shares = []
    if len(groups) > 1:
        for problem in _shared(groups):
            wordings = {int(group.pools["control"][problem][0].wordings[0]) for group in groups}
            shares.append(len(wordings) / len(groups))
    return bootstrap_mean(np.array(shares), rng)


def _variation(groups: Sequence[Group], rng: np.random.Generator) -> Estimate:
    """Standard deviation by mean of the words of all answers to a problem."""
    found = []
    for problem in _shared(groups):
        words = np.concatenate([pool.words for group in groups for pool in group.pools["control"][problem]])
        if len(words) > 1 and words.any():
            found.append(words.std(ddof=1) / words.mean())
    return bootstrap_mean(np.array(found), rng)


def _left_behind(groups: Sequence[Group], rng: np.random.Generator) -> Estimate:
    pools = [[pool for group in groups for pool in group.pools["control"][problem]] for problem in _shared(groups)]
    wrong = [sum(int((~pool.correct & (pool.answers >= 0)).sum()) for pool in each) for each in pools]
    left = [sum(int(pool.left_behind.sum()) for pool in each) for each in pools]
    return ratio(np.array(left, dtype=float), np.array(wrong, dtype=float), rng)


def _shared(groups: Sequence[Group]) -> list[str]:
    return sorted(set.intersection(*(set(group.pools["control"]) for group in groups)))
