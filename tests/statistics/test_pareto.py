from hypothesis import given
from hypothesis import strategies as st

from experiments.statistics.pareto import frontier

POINTS = st.lists(st.tuples(st.integers(1, 6), st.integers(0, 5)), max_size=30)


@given(POINTS)
def test_the_frontier_holds_what_nothing_beats_once_and_in_order(points):
    def beats(one, other):
        return one[0] <= other[0] and one[1] >= other[1] and one != other

    found = frontier(points)
    assert set(found) == {point for point in points if not any(beats(other, point) for other in points)}
    assert found == sorted(set(found))
