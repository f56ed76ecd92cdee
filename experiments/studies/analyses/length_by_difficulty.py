"""Whether longer answers are right less often once the difficulty of the problems is held constant."""

import numpy as np

from ...statistics.estimates import Estimate
from ...statistics.intervals import bootstrap_mean
from ...statistics.logit import average_marginal_effect
from ...statistics.quantile_groups import quantile_groups
from ..base import Series
from ..wording import describe_difference
from .base import Analysis, Axes, Examined, Part, analyses


@analyses.register("length_by_difficulty", label="Length, difficulty held constant")
class LengthByDifficulty(Analysis):
    """Logistic regression of right answers on tokens, raw and with the problem's difficulty held constant.

    The Relationship Between Reasoning and Performance in Large Language Models: o3 (mini) Thinks Harder, Not Longer (2025).
    Difficulty is the share of wrong answers under the other conditions, never a condition's own: that would be circular. Both
    are average marginal effects per 1,000 tokens with standard errors clustered by problem. The figure draws tokens by
    difficulty.

    The raw slope mistakes difficulty for length. The other one still does so as far as the other conditions, which may be
    the same model in other words, misjudge what is hard for this one; “Accuracy and length” compares within problems instead.
    """

    needs = frozenset({"several_samples", "difficulty"})
    axes = Axes("Tokens by difficulty", "quarter by difficulty (1 = easiest)", "tokens, mean", y_range=None)

    def look(self, examined: Examined, rng: np.random.Generator) -> Part:
        pools = [pool for pool in examined.pools if pool.problem in examined.difficulty]
        if not pools:
            return Part("No problem is finished under another condition too.")
        difficulty = np.array([examined.difficulty[pool.problem] for pool in pools])
        sizes = [pool.n for pool in pools]
        tokens = np.concatenate([pool.tokens for pool in pools]) / 1000
        right = np.concatenate([pool.correct for pool in pools]).astype(float)
        groups = np.repeat([pool.problem for pool in pools], sizes)
        raw = average_marginal_effect(tokens[:, None], right, groups)
        held = average_marginal_effect(np.column_stack([tokens, np.repeat(difficulty, sizes)]), right, groups)
        sentence = (
            f"Per 1,000 tokens accuracy changes by {_told(raw)} as the samples are (confounded by difficulty), and by "
            f"{_told(held)} at equal difficulty."
        )
        named = {"accuracy per 1,000 tokens, raw": raw, "accuracy per 1,000 tokens, at equal difficulty": held}
        numbers = {name: each for name, each in named.items() if each.value is not None}
        return Part(sentence, numbers, [_tokens_by(difficulty, np.array([pool.tokens.mean() for pool in pools]), rng)])


def _told(effect: Estimate) -> str:
    return "an amount that cannot be estimated" if effect.value is None else describe_difference(effect)


def _tokens_by(difficulty: np.ndarray, tokens: np.ndarray, rng: np.random.Generator) -> Series:
    quarters = quantile_groups(difficulty, 4)
    found = [bootstrap_mean(tokens[quarters == quarter], rng) for quarter in range(4)]
    columns = ([getattr(each, end) for each in found] for end in ("value", "low", "high"))
    return Series("mean tokens", [1.0, 2.0, 3.0, 4.0], *columns, n=len(tokens), bars=True)
