"""Agreement of judges, against the handbook's check values, independent formulas and two libraries."""

import krippendorff
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from statsmodels.stats.inter_rater import cohens_kappa
from statsmodels.stats.inter_rater import fleiss_kappa as reference_fleiss

from experiments.statistics.agreement import cohen_kappa, counted, fleiss_kappa, krippendorff_alpha, raw_agreement

NONE = np.nan
#: Krippendorff's example: four judges, twelve units.
JUDGES = [
    [1, 2, 3, 3, 2, 1, 4, 1, 2, NONE, NONE, NONE],
    [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, NONE, 3],
    [NONE, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, NONE],
    [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, NONE],
]
#: Fleiss's table: 14 judges put 10 units into 5 categories.
FLEISS = [
    [0, 0, 0, 0, 14],
    [0, 2, 6, 4, 2],
    [0, 0, 3, 5, 6],
    [0, 3, 9, 2, 0],
    [2, 2, 8, 1, 1],
    [7, 7, 0, 0, 0],
    [3, 2, 6, 3, 0],
    [2, 5, 3, 2, 2],
    [6, 5, 2, 1, 0],
    [0, 2, 2, 3, 7],
]


@pytest.fixture
def rng():
    return np.random.default_rng(0)


def test_fleiss_kappa_by_hand(rng):
    counts = np.array([[3, 0], [2, 1], [0, 3], [3, 0], [1, 2], [0, 3]])
    assert raw_agreement(counts, rng).value == pytest.approx(0.7778, abs=5e-5)
    assert fleiss_kappa(counts, rng).value == pytest.approx(0.5556, abs=5e-5)


def test_the_classic_table_and_statsmodels(rng):
    assert fleiss_kappa(np.array(FLEISS), rng).value == pytest.approx(0.210, abs=5e-4)
    drawn = rng.multinomial(5, [0.5, 0.3, 0.2], size=40)
    assert fleiss_kappa(drawn, rng).value == pytest.approx(reference_fleiss(drawn), abs=1e-12)


@pytest.mark.parametrize(("level", "alpha"), [("nominal", 0.743), ("ordinal", 0.815), ("interval", 0.849)])
def test_alpha_of_krippendorffs_own_example(level, alpha, rng):
    found = krippendorff_alpha(np.array(JUDGES).T, level, rng)
    assert found.value == pytest.approx(alpha, abs=5e-4)
    assert found.n == 11, "the last unit has one rating and says nothing"
    assert found.low < alpha < found.high


@pytest.mark.parametrize("level", ["nominal", "ordinal", "interval"])
def test_alpha_is_one_less_the_ratio_of_disagreements_pair_by_pair(level, rng):
    ratings = rng.integers(0, 4, size=(8, 3)).astype(float) * 10 + 1e6
    ratings[rng.random(ratings.shape) < 0.2] = NONE
    assert krippendorff_alpha(ratings, level, rng).value == pytest.approx(alpha_pair_by_pair(ratings, level), abs=1e-9)


def alpha_pair_by_pair(ratings, level):
    units = [row[~np.isnan(row)] for row in ratings]
    units = [row for row in units if len(row) > 1]
    everything = np.concatenate(units)

    def distance(a, b):
        if level == "nominal":
            return float(a != b)
        if level == "interval":
            return (a - b) ** 2
        low, high = sorted((a, b))
        between = ((everything >= low) & (everything <= high)).sum()
        return (between - ((everything == low).sum() + (everything == high).sum()) / 2) ** 2

    observed = sum(
        distance(a, b) / (len(row) - 1) for row in units for i, a in enumerate(row) for j, b in enumerate(row) if i != j
    )
    expected = sum(distance(a, b) for i, a in enumerate(everything) for j, b in enumerate(everything) if i != j)
    return 1 - (observed / len(everything)) / (expected / (len(everything) * (len(everything) - 1)))


SOME = arrays(float, st.tuples(st.integers(2, 12), st.integers(2, 5)), elements=st.sampled_from([NONE, 0.0, 1.0, 2.0, 2.5, 7.0]))


@pytest.mark.parametrize("level", ["nominal", "ordinal", "interval"])
@given(ratings=SOME)
@settings(max_examples=15, deadline=None)
def test_alpha_is_that_of_the_krippendorff_package_whatever_is_missing(level, ratings):
    told = ratings[(~np.isnan(ratings)).sum(axis=1) > 1]
    assume(len(np.unique(told[~np.isnan(told)])) > 1)
    theirs = krippendorff.alpha(reliability_data=ratings.T, level_of_measurement=level)
    assert krippendorff_alpha(ratings, level, np.random.default_rng(0)).value == pytest.approx(theirs, abs=1e-9)


def test_cohen_kappa_agrees_with_statsmodels(rng):
    first, second = rng.integers(0, 3, size=(2, 60))
    table = np.array([[((first == a) & (second == b)).sum() for b in range(3)] for a in range(3)])
    assert cohen_kappa(first, second, rng).value == pytest.approx(cohens_kappa(table).kappa, abs=1e-12)


def test_judges_who_always_say_the_same_have_no_kappa(rng):
    assert fleiss_kappa(np.array([[3, 0], [3, 0]]), rng).value is None
    assert cohen_kappa(np.zeros(4), np.zeros(4), rng).value is None
    assert krippendorff_alpha(np.ones((4, 3)), "interval", rng).value is None


def test_one_unit_has_no_interval_and_none_has_no_value(rng):
    assert (raw_agreement(np.array([[2, 1]]), rng).low, raw_agreement(np.empty((0, 2)), rng).value) == (None, None)


def test_fleiss_kappa_refuses_units_with_different_numbers_of_judges(rng):
    with pytest.raises(ValueError, match="same number of judges"):
        fleiss_kappa(np.array([[3, 0], [1, 1]]), rng)


def test_ratings_are_counted_by_category():
    assert counted(np.array([[0, 2, 2], [1, 1, 0]]), 3).tolist() == [[1, 0, 2], [1, 2, 0]]


def test_intervals_cover_the_agreement_of_the_population_they_are_drawn_from():
    rng, population = np.random.default_rng(1), np.array(FLEISS)
    truth = fleiss_kappa(population, rng).value
    drawn = (fleiss_kappa(population[rng.integers(10, size=100)], rng) for _ in range(60))
    covered = sum(found.low <= truth <= found.high for found in drawn)
    assert covered >= 50  # 95% of 60 are 57; fewer than 50 would come about once in ten thousand such simulations
