import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.statistics.metric_choice import as_number, brier, numeric_error, token_edit_distance, tokens


def test_distance_is_in_tokens_of_the_nearest_target():
    assert token_edit_distance("The red house.", ["the red car", "a house"]) == pytest.approx(2 / 3)
    assert token_edit_distance("Paris", ["paris"]) == 0
    assert token_edit_distance(None, ["paris"]) == 1
    assert token_edit_distance("a b c d e f", ["x"]) == 1
    assert tokens("It's 3.5!") == ["it", "'", "s", "3", ".", "5", "!"]


@given(st.lists(st.sampled_from("abc"), max_size=6), st.lists(st.sampled_from("abc"), min_size=1, max_size=6))
def test_distance_is_edits_found_by_hand(mine, target):
    table = [[i + j if not i * j else 0 for j in range(len(target) + 1)] for i in range(len(mine) + 1)]
    for i in range(1, len(mine) + 1):
        for j in range(1, len(target) + 1):
            swap = table[i - 1][j - 1] + (mine[i - 1] != target[j - 1])
            table[i][j] = min(table[i - 1][j] + 1, table[i][j - 1] + 1, swap)
    assert token_edit_distance(" ".join(mine), [" ".join(target)]) == pytest.approx(min(1, table[-1][-1] / len(target)))


def test_numeric_error_is_relative_to_large_targets():
    assert numeric_error("98", ["100"]) == pytest.approx(0.02)
    assert numeric_error("1,000.", ["1000"]) == 0
    assert numeric_error("0.5", ["0"]) == pytest.approx(0.5)
    assert (numeric_error("many", ["3"]), numeric_error(None, ["3"])) == (1, 1)
    assert numeric_error("3", ["three"]) is None
    assert as_number("inf") is None


def test_brier_of_votes():
    assert brier([1.0], [True]) == 0
    assert brier([1.0], [False]) == 2
    assert brier([0.75, 0.25], [True, False]) == pytest.approx(2 * 0.25**2)
    assert brier([], []) == 1
