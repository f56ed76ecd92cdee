"""Shares corrected for having stopped when they looked good."""

from collections import Counter
from itertools import product
from math import prod

import pytest

from experiments.statistics.optional_stopping import unbiased_shares
from experiments.statistics.settled_vote import beta_risk, is_decided


def never(votes, n):
    return False


def ends(chances, is_stop, n_max):
    """(votes by answer, draws without an answer) -> how likely sampling ends there. The last of the chances is silence."""
    found = Counter()
    for sequence in product(range(len(chances)), repeat=n_max):
        for n in range(1, n_max + 1):
            counts = tuple(sequence[:n].count(place) for place in range(len(chances)))
            votes = tuple(sorted((count for count in counts[:-1] if count), reverse=True))
            if n == n_max or is_stop(votes, n):
                found[counts[:-1], counts[-1]] += prod(chances[each] for each in sequence)
                break
    return found


@pytest.mark.parametrize("rule", ["risk", "decided", "agreement"])
def test_over_all_sequences_the_corrected_shares_average_to_the_true_ones_and_the_plain_ones_do_not(rule):
    chances, n_max = (0.6, 0.25, 0.1, 0.05), 6
    rules = {
        "risk": lambda votes, n: beta_risk(votes) <= 0.13,
        "decided": lambda votes, n: is_decided(votes, n_max - n),
        "agreement": lambda votes, n: votes[:1] >= (2,),
    }
    corrected, plain = [0.0] * 3, [0.0] * 3
    for (votes, n_silent), chance in ends(chances, rules[rule], n_max).items():
        for place, share in enumerate(unbiased_shares(votes, n_silent, rules[rule])):
            corrected[place] += chance * share
            plain[place] += chance * votes[place] / (sum(votes) + n_silent)
    assert corrected == pytest.approx(chances[:3], abs=1e-12)
    assert abs(plain[0] - chances[0]) > 0.01


def test_drawing_until_five_successes_gives_the_handbooks_value_and_not_the_share():
    # r = 5 in K = 120: (r - 1) / (K - 1) = 0.033613, where r / K = 0.041667.
    shares = unbiased_shares([5], 115, lambda votes, n: votes[:1] >= (5,))
    assert shares == pytest.approx([4 / 119], abs=1e-12)
    assert round(shares[0], 6) == 0.033613


def test_without_a_rule_the_plain_shares_are_right():
    assert unbiased_shares([5, 3, 0, 1], 1, never) == pytest.approx([0.5, 0.3, 0, 0.1])
    assert unbiased_shares([], 4, never) == []


def test_an_end_that_the_rule_does_not_allow_is_refused():
    with pytest.raises(ValueError, match="cannot end with"):
        unbiased_shares([3, 1], 0, lambda votes, n: n >= 2)
    with pytest.raises(ValueError, match="cannot end with"):
        unbiased_shares([], 0, never)


def test_many_answers_that_came_once_are_no_burden():
    votes = [8, 5, 3, *[1] * 18]
    shares = unbiased_shares(votes, 0, lambda counts, n: beta_risk(counts) <= 0.05)
    assert sum(shares) == pytest.approx(1)
    assert shares[0] > shares[1] > shares[-1] == shares[-2] > 0
