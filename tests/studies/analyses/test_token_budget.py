import dataclasses

import numpy as np
import pytest

from .pools import finding, full_pools


def uncut(pools):
    return [dataclasses.replace(pool, truncated=np.zeros(pool.n, bool)) for pool in pools]


def test_at_the_longest_answer_the_curve_reaches_the_accuracy():
    pools = uncut(full_pools(30))
    found = finding("token_budget", pools, points=8)
    (line,) = found.figure.series
    assert line.x[0] == 1
    assert line.x[-1] == max(pool.tokens.max() for pool in pools)
    assert line.y[-1] == pytest.approx(found.estimates["accuracy, cut off is wrong"].value)
    assert line.y == sorted(line.y)
    assert 0 < found.estimates["area under the curve"].value < line.y[-1]


def test_cut_off_answers_are_counted_and_left_out():
    pools = [dataclasses.replace(pool, truncated=~pool.correct) for pool in full_pools(30)]
    found = finding("token_budget", pools).estimates
    assert found["accuracy, cut off left out"].value == 1
    assert found["cut off"].value == pytest.approx(1 - found["accuracy, cut off is wrong"].value)
