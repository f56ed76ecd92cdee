"""Agreement and scores under the verdict of people, on verdicts small enough to work out by hand."""

import numpy as np
import pytest
from statsmodels.stats.inter_rater import cohens_kappa

from experiments.models import Grade
from experiments.reports.review_agreement import agreement
from experiments.reports.review_ratings import Ratings
from experiments.reports.review_scores import caution, scores
from experiments.reports.review_sets import read_rubric
from tests.reports.reviewing import finished_runs, make_review_set, say

pytestmark = pytest.mark.django_db


def test_two_reviewers_and_the_grader_are_compared_on_what_both_judged():
    review_set = make_review_set(finished_runs((4,), problems=6))
    say(review_set, "ann", "correct", "correct", "wrong", "correct", "unsure", "wrong")
    say(review_set, "ben", "correct", "wrong", "wrong", "correct", "wrong")
    found = agreement(Ratings(review_set))
    assert [(judge.name, judge.n, judge.n_unsure) for judge in found.judges] == [
        ("ann", 5, 1),
        ("ben", 5, 0),
        ("the grader", 6, 0),
    ]
    (pair,) = found.among_reviewers
    assert (pair.raw.value, pair.raw.n) == (0.75, 4)
    # By hand: raw 3/4, by chance 3/4 * 2/4 + 1/4 * 2/4 = 1/2.
    assert pair.kappa.value == pytest.approx((0.75 - 0.5) / (1 - 0.5))
    assert [(each.first, each.raw.value) for each in found.with_grader] == [("ann", 0.6), ("ben", 0.4)]
    assert [name for name, *_ in found.together] == ["Raw agreement", "Krippendorff alpha"]
    assert "the grader (100% “correct”)" in found.caution


def test_three_reviewers_get_fleiss_kappa_on_the_items_that_all_judged():
    """Rows [3,0],[2,1],[0,3],[3,0],[1,2],[0,3] give .5556."""
    review_set = make_review_set(finished_runs((4,), problems=7))
    rights = [3, 2, 0, 3, 1, 0]
    for place, name in enumerate(("ann", "ben", "cem")):
        say(review_set, name, *("correct" if place < right else "wrong" for right in rights))
    say(review_set, "ann", *[""] * 6, "wrong")
    together = {name: estimate for name, estimate, _ in agreement(Ratings(review_set)).together}
    assert together["Fleiss kappa"].value == pytest.approx(0.5556, abs=5e-5)
    assert together["Fleiss kappa"].n == together["Raw agreement"].n == 6
    assert together["Raw agreement"].value == pytest.approx(0.7778, abs=5e-5)
    low, high = together["Fleiss kappa"].low, together["Fleiss kappa"].high
    assert low < 0.5556 < high


def test_the_newest_verdict_counts_and_a_withdrawn_one_does_not():
    review_set = make_review_set(finished_runs((4,), problems=2))
    say(review_set, "ann", "correct", "correct")
    say(review_set, "ann", "wrong", "withdrawn")
    assert [item.by_majority for item in Ratings(review_set).items] == ["wrong", None]


def test_scores_on_a_rubric_agree_or_do_not():
    review_set = make_review_set(finished_runs((4,), problems=4), shown={"rubric": read_rubric("Clarity: 1-5")})
    for name in ("ann", "ben"):
        for score, item in enumerate(review_set.items.order_by("position"), start=1):
            item.verdicts.create(reviewer=name, verdict="correct", scores={"clarity": score}, source="page")
    ((title, alpha),) = agreement(Ratings(review_set)).criteria
    assert (title, alpha.value, alpha.n) == ("Clarity", 1.0, 4)


def test_accuracy_is_recomputed_under_the_majority_of_people():
    """Grader: run 1 all right, run 2 all wrong. People turn one of run 1 and two of run 2."""
    runs = finished_runs((4, 0), problems=4)
    review_set = make_review_set(runs)
    turned = {runs[0].pk: 1, runs[1].pk: 2}
    for item in review_set.items.order_by("position").select_related("sample"):
        run = item.sample.run_id
        by_grader = run == runs[0].pk
        is_turned = turned[run] > 0
        turned[run] -= is_turned
        for name in ("ann", "ben"):
            item.verdicts.create(reviewer=name, verdict="correct" if by_grader != is_turned else "wrong", source="page")
    found = scores(Ratings(review_set))
    first, second = found.conditions
    assert (first.by_grader.value, first.by_people.value, first.difference.value) == (1.0, 0.75, -0.25)
    assert (second.by_grader.value, second.by_people.value, second.difference.value) == (0.0, 0.5, 0.5)
    assert (first.by_people.n, first.by_people.method) == (4, "Wilson")
    (pair,) = found.differences
    assert (pair.by_grader.value, pair.by_people.value) == (-1.0, -0.25)
    assert len(found.differing) == 3
    assert (found.n_settled, found.n_open, found.n_undecided) == (8, 0, 0)


def test_undecided_and_open_items_are_counted_and_left_out():
    review_set = make_review_set(finished_runs((4,), problems=4))
    say(review_set, "ann", "correct", "correct", "unsure")
    say(review_set, "ben", "correct", "wrong")
    found = scores(Ratings(review_set))
    assert (found.n_settled, found.n_undecided, found.n_open) == (1, 2, 1)


def test_what_the_grader_did_not_judge_is_not_right_and_is_counted():
    runs = finished_runs((4,), problems=2)
    Grade.objects.filter(run=runs[0]).update(verdict="unparsed", score=None)
    review_set = make_review_set(runs)
    say(review_set, "ann", "correct", "correct")
    ratings = Ratings(review_set)
    (condition,) = scores(ratings).conditions
    assert (condition.n_no_judgement, condition.by_grader.value, condition.by_people.value) == (2, 0.0, 1.0)
    assert np.isnan(ratings.by_grader).all()
    assert [pair.raw.n for pair in agreement(ratings).with_grader] == [0]


def test_pairs_tell_which_condition_people_prefer_whatever_its_side():
    runs = finished_runs((4, 0), problems=8)
    review_set = make_review_set(runs, is_pairwise=True)
    for item in review_set.items.select_related("sample"):
        is_second = item.sample.run_id == runs[1].pk
        item.verdicts.create(reviewer="ann", verdict="left" if is_second else "right", source="page")
    ratings = Ratings(review_set)
    shown = scores(ratings).preference
    assert (shown.n_first, shown.n_second, shown.n_tied, shown.balance.value) == (0, 8, 0, 1.0)
    # The grader finds every text of the first run right and every one of the second wrong.
    assert [pair.raw.value for pair in agreement(ratings).with_grader] == [0.0]


def test_kappa_is_that_of_statsmodels():
    review_set = make_review_set(finished_runs((2,), problems=12), texts_per_attempt=2)
    random = np.random.default_rng(1)
    said = {name: random.choice(["correct", "wrong"], 24).tolist() for name in ("ann", "ben")}
    for name, verdicts in said.items():
        say(review_set, name, *verdicts)
    (pair,) = agreement(Ratings(review_set)).among_reviewers
    table = np.zeros((2, 2))
    for mine, other in zip(said["ann"], said["ben"], strict=True):
        table[int(mine == "wrong"), int(other == "wrong")] += 1
    assert pair.kappa.value == pytest.approx(cohens_kappa(table).kappa, abs=1e-12)


def test_only_a_random_sample_speaks_for_the_run():
    runs = finished_runs((1, 3))
    assert caution(make_review_set(runs, at_most=3)) == ""
    assert "not for the run" in caution(make_review_set(runs, how="flips"))
