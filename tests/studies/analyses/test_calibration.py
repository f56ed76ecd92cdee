from dataclasses import replace

import numpy as np
import pytest

from .pools import finding, full_pools


def with_scores(pools, score):
    return [replace(pool, scores={"score": score(pool)}) for pool in pools]


def test_every_confidence_there_is_gets_its_diagram():
    found = finding("calibration", full_pools(60))
    assert [s.name for s in found.figure.series] == ["perfectly calibrated", "majority", "perplexity consistency", "RPC", "score"]
    assert {"ace", "mce", "brier", "nll", "auroc", "temperature"} <= set(found.details["condition"]["majority"])


def test_an_honest_score_has_hardly_any_error_and_a_boastful_one_much():
    rng = np.random.default_rng(1)
    pools = full_pools(400)
    honest = with_scores(pools, lambda pool: np.full(pool.n, pool.correct.mean()))
    boastful = with_scores(pools, lambda pool: rng.uniform(0.8, 1, pool.n))
    assert finding("calibration", honest).estimates["ECE, score"].value < 0.01
    found = finding("calibration", boastful)
    share = np.mean([pool.correct.mean() for pool in pools])
    assert found.estimates["ECE, score"].value == pytest.approx(0.9 - share, abs=0.01)
    assert "overconfident on average" in found.sentence
    details = found.details["condition"]["score"]
    assert details["ece_after"] < details["ece_before"]


def test_the_majoritys_confidence_is_its_share_of_the_votes():
    pools = full_pools(60)
    ideal, line = finding("calibration", pools, bins=2).figure.series[:2]
    tops = np.array([np.bincount(pool.answers).max() / pool.n for pool in pools])
    right = np.array([np.bincount(pool.answers).argmax() == 0 for pool in pools])
    assert line.x == ideal.x == ideal.y == [0.25, 0.75]
    assert line.y[1] == pytest.approx(right[tops > 0.5].mean())


def test_an_empty_bin_is_a_gap():
    pools = with_scores(full_pools(10), lambda pool: np.full(pool.n, 0.95))
    line = finding("calibration", pools).figure.series[-1]
    assert line.y[:-1] == [None] * 9
    assert line.y[-1] == pytest.approx(np.mean([pool.correct.mean() for pool in pools]))
