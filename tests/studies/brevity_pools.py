"""Conditions of a brevity study from literals."""

import numpy as np

from experiments.domain.types import Decoding, Plugin
from experiments.statistics.pools import Pool
from experiments.studies.base import ConditionPools, Setting, studies


def study(**options):
    return studies.build("brevity", options)


def pool(problem: str, correct: list[int], tokens: int, words, truncated: list[int] | None = None, **fields) -> Pool:
    """`words` are of each sample, or one number for all of them; no two samples have the same wording."""
    n = len(correct)
    fields = {"wordings": np.arange(n), "left_behind": np.zeros(n, bool), **fields}
    return Pool(
        problem,
        np.where(np.array(truncated or [0] * n), -1, np.where(correct, 0, 1)),
        np.array(correct, bool),
        np.full(n, tokens),
        words=np.full(n, words) if isinstance(words, int) else np.array(words),
        sentences=np.full(n, 2),
        truncated=np.array(truncated or [0] * n, bool),
        **fields,
    )


def condition(arm: str, pools: list[Pool], model: str = "model1", n_parameters: int | None = None) -> ConditionPools:
    setting = Setting(model, "v", Decoding(), Plugin("pool"), is_pool=True, uses_oracle=False, n_parameters=n_parameters)
    return ConditionPools(f"{model}-variant1-{arm}", f"{model}, {arm}", pools, 9, (), setting)


def findings(*conditions, **options):
    return {found.key: found for found in study(**options).findings(conditions, np.random.default_rng(0))}


def ten(correct: list[int], tokens: int, words: int) -> list[Pool]:
    return [pool(f"p{i}", correct, tokens, words) for i in range(10)]
