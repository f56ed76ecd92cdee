"""The contract of analyses, by walking the registry: whatever the pools look like, there is a sentence and nothing breaks."""

import json
import warnings
from dataclasses import asdict, replace

import numpy as np
import pytest

from experiments.studies.analyses.base import NEEDS, analyses

from .pools import examined, full_pools

NAMES = analyses.names()


def changed(pools, **changes):
    return [replace(pool, **{name: change(pool) for name, change in changes.items()}) for pool in pools]


ODD_POOLS = {
    "usual": full_pools(),
    "one problem": full_pools(n_problems=1),
    "two problems": full_pools(n_problems=2, n=4),
    "one sample": full_pools(n=1),
    "repeats": [replace(pool, problem=f"p{i // 2}") for i, pool in enumerate(full_pools(20, 8))],
    "no answer": changed(full_pools(6, 8), answers=lambda p: np.full(p.n, -1), correct=lambda p: np.zeros(p.n, bool)),
    "all right": changed(full_pools(6, 8), answers=lambda p: np.zeros(p.n, int), correct=lambda p: np.ones(p.n, bool)),
    "all wrong": changed(full_pools(6, 8), answers=lambda p: np.ones(p.n, int), correct=lambda p: np.zeros(p.n, bool)),
    "equal scores": changed(full_pools(6, 20), scores=lambda p: {"score": np.full(p.n, 0.5)}),
    "some unscored": changed(full_pools(6, 8), scores=lambda p: {"score": np.where(np.arange(p.n) % 3, np.nan, 0.2)}),
    "equal texts": changed(
        full_pools(6, 20), texts=lambda p: p.answers, mean_logprobs=lambda p: np.full(p.n, -0.3), tokens=lambda p: np.full(p.n, 7)
    ),
    "nothing accepted": changed(full_pools(6, 8), accepted=lambda p: {"base tests": np.zeros(p.n, bool)}),
    "no tokens": changed(full_pools(6, 8), tokens=lambda p: np.zeros(p.n, int)),
    "different sizes": [*full_pools(4, 16), *full_pools(4, 24, seed=2)],
}


@pytest.mark.parametrize("kind", ODD_POOLS)
@pytest.mark.parametrize("name", NAMES)
def test_every_analysis_has_a_plain_sentence_for_every_kind_of_pool(name, kind):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = analyses.build(name).finding([examined(ODD_POOLS[kind])])
    assert found.key == name
    assert found.sentence.endswith(".")
    assert "nan" not in found.sentence.lower().split()
    json.dumps(asdict(found), allow_nan=False)
    if found.figure:
        assert all(len(series.x) == len(series.y) for series in found.figure.series)


@pytest.mark.parametrize("name", NAMES)
def test_bare_pools_are_told_what_they_lack(name):
    bare = changed(
        full_pools(4, 8),
        scores=lambda p: {},
        words=lambda p: None,
        steps=lambda p: None,
        mean_logprobs=lambda p: None,
        texts=lambda p: None,
        truncated=lambda p: None,
        accepted=lambda p: {},
    )
    analysis = analyses.build(name)
    found = analysis.finding([examined(bare)])
    lacking = analysis.needs - {"several_samples"}
    assert found.sentence.startswith("Not computed: it needs ") == bool(lacking)
    assert all(NEEDS[need] in found.sentence for need in lacking)


@pytest.mark.parametrize("name", NAMES)
def test_the_same_pools_give_the_same_finding(name):
    analysis = analyses.build(name)
    assert analysis.finding([examined(full_pools())]) == analysis.finding([examined(full_pools())])


@pytest.mark.parametrize("name", NAMES)
def test_every_analysis_names_its_source_and_when_it_misleads(name):
    plugin = analyses.get(name)
    assert any(f"{year})" in plugin.__doc__ or f"{year};" in plugin.__doc__ for year in range(2015, 2027))
    assert len(plugin.__doc__.split("\n\n")) >= 3
    assert plugin.needs <= NEEDS.keys()
