import numpy as np
import pytest

from experiments.statistics.pools import Pool

from .pools import finding, full_pools


def two_kinds():
    """Half of the problems: 6 of 8 right; the other half: none. The weak grader accepts all right and 2 wrong samples."""
    pools = []
    for i in range(20):
        right = np.arange(8) < (6 if i % 2 else 0)
        weak = right | (np.arange(8) >= 6)
        pools.append(Pool(f"p{i}", np.where(right, 0, 1), right, np.ones(8, int), accepted={"base": weak}))
    return pools


def test_it_reports_what_acceptance_is_worth():
    found = finding("imperfect_verifier", two_kinds(), costs=(0.0, 1.0, 8.0))
    # 60 of the 100 accepted samples are right; after 8 tries the accepted one is wrong in 1/4 or all cases.
    assert found.estimates["right given accepted"].value == pytest.approx(60 / 100)
    assert found.estimates["wrong handed in@8"].value == pytest.approx((0.25 + 1) / 2)
    assert found.estimates["weak − strong acceptance"].value == pytest.approx(0.25)
    assert found.estimates["utility@8, cost 1"].value == pytest.approx((0.75 - 0.25 - 1) / 2)
    # Of 100 wrong samples 40 are accepted.
    assert found.details["condition"]["soundness"] == pytest.approx(0.6)
    assert found.details["condition"]["best_tries"] == {"0": 1, "1": 1, "8": 0}
    assert [series.name for series in found.figure.series] == ["cost 0", "cost 1", "cost 8"]


def test_a_grader_that_did_not_judge_all_is_refused_with_those_that_did():
    found = finding("imperfect_verifier", two_kinds(), grader="human")
    assert found.sentence == "Not computed: “human” did not judge every sample. These did: base."


def test_later_acceptances_are_the_more_suspicious_ones():
    by_tries = finding("imperfect_verifier", full_pools(200)).details["condition"]["wrong_by_tries"]
    assert list(by_tries) == ["1", "2", "4", "8", "16"]
    assert list(by_tries.values()) == sorted(by_tries.values())


def test_what_is_accepted_at_the_first_try_is_wrong_as_often_as_the_pools_say():
    by_tries = finding("imperfect_verifier", two_kinds()).details["condition"]["wrong_by_tries"]
    # At the first try 8 of 8 samples of one half are accepted, 2 of them wrong, and 2 of 8 of the other, both wrong.
    assert by_tries["1"] == pytest.approx((2 / 8 + 2 / 8) / (1 + 2 / 8))
