"""Choosing what is reviewed: the texts wished for, drawn and ordered by the seed, with nothing to tell the condition by."""

import pytest

from experiments.domain.errors import InvalidInput
from experiments.models import Attempt, Grade, ReviewSet, Sample
from experiments.reports.review_choosing import Wish, choose
from experiments.reports.review_sets import create_review_set, read_rubric
from tests.factories import make_sample
from tests.reports.reviewing import finished_runs, make_review_set, names

pytestmark = pytest.mark.django_db


def test_one_text_of_each_attempt_is_taken_the_strategy_s_choice_first():
    (run,) = finished_runs((1,))
    first, second = run.attempts.order_by("position")[:2]
    Attempt.objects.filter(pk=second.pk).update(chosen=second.samples.get(index=2))
    items = {item.sample for item in choose(Wish(names(run))).items}
    assert len(items) == 4
    assert {first.samples.get(index=0).pk, second.samples.get(index=2).pk} <= items


def test_all_texts_or_n_of_them_at_random_always_the_same_for_a_seed():
    runs = finished_runs()
    everything = choose(Wish(names(*runs), texts_per_attempt=0, seed=5))
    assert len(everything.items) == everything.n_found == 32
    drawn = choose(Wish(names(*runs), texts_per_attempt=0, at_most=10, seed=5))
    assert drawn.items == everything.items[:10]
    assert drawn.in_words == "10 to review, drawn at random from 32."
    assert choose(Wish(names(*runs), texts_per_attempt=0, seed=6)).items != everything.items


def test_the_order_does_not_tell_the_condition():
    runs = finished_runs(problems=20)
    review_set = make_review_set(runs, seed=3)
    of_run = list(review_set.items.order_by("pk").values_list("sample__run", flat=True))
    halves = of_run[:20], of_run[20:]
    assert all(5 <= half.count(runs[0].pk) <= 15 for half in halves)


def test_unfinished_attempts_and_ungraded_texts_are_left_out():
    (run,) = finished_runs((1,), problems=2)
    attempt = run.attempts.first()
    Attempt.objects.filter(pk=attempt.pk).update(state=Attempt.State.RUNNING)
    make_sample(run.attempts.last(), 9, verdict=None)
    assert choose(Wish(names(run), texts_per_attempt=0)).n_found == 4


def test_texts_that_two_graders_disagree_on():
    (run,) = finished_runs((1,))
    text = run.samples.first()
    Grade.objects.create(run=run, sample=text, grader="other", verdict="wrong", score=0)
    Grade.objects.create(run=run, sample=run.samples.last(), grader="other", verdict="wrong", score=0)
    assert [item.sample for item in choose(Wish(names(run), how="graders_disagree")).items] == [text.pk]


def test_texts_without_a_judgement():
    (run,) = finished_runs((1,))
    cut_off = make_sample(run.attempts.first(), 8, "Well,", verdict="truncated")
    assert [item.sample for item in choose(Wish(names(run), how="no_judgement")).items] == [cut_off.pk]


def test_problems_with_a_close_vote():
    (run,) = finished_runs((1,))
    close = run.attempts.order_by("position")[2]
    run.attempts.update(vote_margin=4)
    Attempt.objects.filter(pk=close.pk).update(vote_margin=-1)
    found = choose(Wish(names(run), how="low_margin", texts_per_attempt=2))
    assert {item.sample for item in found.items} == set(close.samples.filter(index__lt=2).values_list("pk", flat=True))


def test_problems_that_flip_between_two_conditions():
    runs = finished_runs((1, 1))
    flipped = runs[1].attempts.order_by("position")[1]
    Grade.objects.filter(sample__attempt=flipped).update(verdict="correct", score=1)
    found = choose(Wish(names(*runs), how="flips"))
    problems = Sample.objects.filter(pk__in=[item.sample for item in found.items]).values_list("attempt__problem", flat=True)
    assert set(problems) == {flipped.problem_id}
    assert found.n_found == 2


def test_pairs_hold_one_text_of_each_condition_with_sides_drawn():
    runs = finished_runs(problems=20)
    review_set = make_review_set(runs, is_pairwise=True, seed=1)
    sides = list(review_set.items.values_list("sample__run", "other__run", "sample__attempt__problem", "other__attempt__problem"))
    assert len(sides) == 20
    assert all({left, right} == {runs[0].pk, runs[1].pk} and mine == other for left, right, mine, other in sides)
    assert 4 <= sum(left == runs[0].pk for left, *_ in sides) <= 16


@pytest.mark.parametrize(
    ("wish", "words"),
    [
        ({"how": "mood"}, "no way of choosing called “mood”"),
        ({"how": "flips"}, "Flips are between two conditions; 1 are chosen"),
        ({"is_pairwise": True}, "Pairs are made from two conditions; 1 are chosen"),
        ({"how": "graders_disagree"}, "no text has differing verdicts by two graders"),
        ({"conditions": ("1.nothing",)}, "no condition “1.nothing”"),
        ({"conditions": ("1e9.x",)}, "no condition “1e9.x”"),
        ({"conditions": ()}, "between 1 and 12 conditions; 0 are chosen"),
    ],
)
def test_what_cannot_be_chosen_is_told_and_leaves_nothing_behind(wish, words):
    (run,) = finished_runs((1,), problems=1)
    with pytest.raises(InvalidInput, match=words):
        create_review_set(Wish(**{"conditions": names(run), **wish}), name="none", user=None)
    assert not ReviewSet.objects.exists()


def test_a_rubric_is_read_line_by_line():
    assert read_rubric("Clarity: 1-5\n\nIs it rigorous?: 0 to 3\nTone") == [
        {"key": "clarity", "title": "Clarity", "low": 1, "high": 5},
        {"key": "is_it_rigorous", "title": "Is it rigorous?", "low": 0, "high": 3},
        {"key": "tone", "title": "Tone", "low": 1, "high": 5},
    ]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Clarity: 5-1", "must go up"),
        ("Tone\nTone", "repeats “Tone”"),
        ("a: b: c", "is no criterion"),
        ("x: 1-55", "no criterion"),
    ],
)
def test_a_rubric_that_cannot_be_read_names_its_line(text, words):
    with pytest.raises(InvalidInput, match=words):
        read_rubric(text)
