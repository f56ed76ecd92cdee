"""Conditions of one language model and variant, problem by problem, for studies that compare them."""

import numpy as np

from experiments.domain.types import Decoding, Plugin
from experiments.statistics.costs import Cost
from experiments.statistics.pools import Pool
from experiments.studies.base import AttemptOutcome, ConditionPools, Setting


def cell(key: str, right: list[int], tokens=10, cut=0, steps=1, model: str = "m", n_parameters: int | None = None, **trace):
    """One answer to each problem p0, p1, ... `tokens`, `cut` and `steps` are one number or one for each problem."""
    n = len(right)
    columns = [np.broadcast_to(each, n).tolist() for each in (right, tokens, cut, steps)]
    pools, outcomes = [], []
    for i, (is_right, written, is_cut, n_steps) in enumerate(zip(*columns, strict=True)):
        pools.append(
            Pool(
                f"p{i:03}",
                np.array([-1 if is_cut else int(not is_right)]),
                np.array([bool(is_right)]),
                np.array([written]),
                words=np.array([written]),
                steps=np.array([n_steps]),
                truncated=np.array([bool(is_cut)]),
            )
        )
        cost = Cost(completion_tokens=float(written), tokens=written + 5.0)
        outcomes.append(AttemptOutcome(f"p{i:03}", 0, bool(is_right), 1, cost, cost, Cost(), {"tokens": written, **trace}))
    setting = Setting(model, "v", Decoding(), Plugin("pool"), True, False, n_parameters)
    return ConditionPools(f"{model}-variant1-{key}", f"{model}, {key}", pools, n, outcomes, setting)


def found(study, *conditions):
    """Findings by key."""
    return {each.key: each for each in study.findings(conditions, np.random.default_rng(0))}
