from dataclasses import replace

import numpy as np
import pytest

from .pools import finding, full_pools


def test_the_auroc_is_that_of_two_normals_apart():
    found = finding("separation", full_pools(400, helpful=1.0))
    # Normal scores one standard deviation apart: Phi(1 / sqrt 2) = 0.760.
    assert found.estimates["AUROC within problem, score"].value == pytest.approx(0.760, abs=0.015)


def test_knowing_easy_problems_from_hard_ones_is_not_telling_right_from_wrong():
    rng = np.random.default_rng(1)
    pools = [replace(p, scores={"score": np.full(p.n, p.correct.mean()) + rng.normal(0, 1e-6, p.n)}) for p in full_pools(200)]
    found = finding("separation", pools)
    assert found.estimates["AUROC within problem, score"].value == pytest.approx(0.5, abs=0.03)
    assert found.details["condition"]["auroc_pooled"] > 0.85
    assert "no clear difference from chance" in found.sentence


def test_every_verifier_of_the_run_is_judged():
    rng = np.random.default_rng(2)
    pools = [replace(p, scores={**p.scores, "by_chance": rng.normal(size=p.n)}) for p in full_pools(200)]
    found = finding("separation", pools)
    chance = found.estimates["AUROC within problem, by chance"]
    assert chance.value == pytest.approx(0.5, abs=0.03)
    assert f"by other verifiers: by chance {chance.value:.2f}" in found.sentence


def test_the_shares_of_each_kind_add_up_to_one():
    for series in finding("separation", full_pools(60)).figure.series:
        assert sum(series.y) == pytest.approx(1)
