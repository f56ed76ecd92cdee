"""Conditions with what their attempts chose and cost, made up."""

import numpy as np

from experiments.domain.types import Decoding, Plugin
from experiments.statistics.costs import Texts, Yardstick, cost_of, cost_of_one
from experiments.statistics.kinetics import Shape
from experiments.statistics.pools import Pool
from experiments.statistics.runtimes import Runtime
from experiments.studies.base import AttemptOutcome, ConditionPools, Setting

SMALL = Yardstick(1000, Shape(2, 1, 3, 4), Runtime((0.0, 100.0), (0.1, 1.1), 0.02))


def texts(n, prompt=20, completion=10, judging=0, group=0):
    """n texts of one prompt that is computed once, the last `judging` of them a judge's. Each takes a second and costs 0.5."""
    cached = np.full(n, float(prompt))
    cached[:1] = 0
    return Texts(
        prompt=np.full(n, float(prompt)),
        cached=cached,
        completion=np.full(n, float(completion)),
        seconds=np.ones(n),
        money=np.full(n, 0.5),
        calls=np.ones(n),
        judging=np.arange(n) >= n - judging,
        group=np.full(n, group),
    )


def setting(strategy="pool", model="small", n_parameters=1000, oracle=False, decoding=None, **params):
    return Setting(
        language_model=model,
        variant="plain",
        decoding=decoding or Decoding(),
        strategy=Plugin(strategy, params),
        is_pool=strategy == "pool",
        uses_oracle=oracle,
        n_parameters=n_parameters,
    )


def pool_condition(success, n=8, seed=0, scored=True, **kwargs):
    """A pool for every problem p000, p001, ... with these chances of success; the scores of right answers are higher by 1."""
    rng = np.random.default_rng(seed)
    pools, outcomes = [], []
    for i, p in enumerate(success):
        right = rng.random(n) < p
        scores = {"mean_logprob": rng.normal(right, 1.0)} if scored else {}
        pools.append(Pool(f"p{i:03}", np.where(right, 0, rng.integers(1, 6, n)), right, np.full(n, 10), scores))
        spent, one = cost_of(texts(n), SMALL), cost_of_one(texts(n), SMALL)
        outcomes.append(AttemptOutcome(f"p{i:03}", 0, None, n, spent, one, cost_of(texts(0), SMALL)))
    return ConditionPools("pool", f"pool of {n}", pools, len(success), outcomes, setting(n=n, **kwargs))


def arm(name, right, n=4, **kwargs):
    """A strategy that was right at these problems and wrote `n` texts of ten tokens for each."""
    spent = cost_of(texts(n), SMALL)
    outcomes = [
        AttemptOutcome(f"p{i:03}", 0, bool(each), n, spent, spent, cost_of(texts(0), SMALL)) for i, each in enumerate(right)
    ]
    label = kwargs.pop("label", name.replace("_", " "))
    return ConditionPools(name, label, [], len(outcomes), outcomes, setting(name, **kwargs))
