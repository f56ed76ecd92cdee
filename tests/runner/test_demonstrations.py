import pytest

from experiments.domain.errors import InvalidInput
from experiments.runner.demonstrations import set_aside
from tests.factories import make_dataset

pytestmark = pytest.mark.django_db


def test_what_is_shown_is_not_asked_and_follows_from_the_seed():
    dataset = make_dataset(8)
    asked = list(dataset.problems.order_by("position"))
    left, shown = set_aside(dataset, asked, 3, seed=5)
    assert {problem.key for problem in left}.isdisjoint({each.key for each in shown})
    assert (len(left), len(shown)) == (5, 3)
    assert set_aside(dataset, asked, 3, seed=5)[1] == shown
    assert len({tuple(each.key for each in set_aside(dataset, asked, 3, seed)[1]) for seed in range(20)}) > 10
    assert shown[0].answers == tuple(next(problem for problem in asked if problem.key == shown[0].key).answers)


def test_problems_that_would_not_be_asked_are_shown_first():
    dataset = make_dataset(8)
    asked = list(dataset.problems.order_by("position")[:5])
    left, shown = set_aside(dataset, asked, 3, seed=1)
    assert left == asked
    assert {each.key for each in shown} == {"p5", "p6", "p7"}


def test_a_dataset_that_is_too_small_is_refused_with_what_would_do():
    dataset = make_dataset(3)
    with pytest.raises(InvalidInput, match="needs at least 4"):
        set_aside(dataset, list(dataset.problems.all()), 3, seed=1)
