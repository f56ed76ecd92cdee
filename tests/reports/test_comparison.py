"""Conditions of different runs side by side, on rows made by hand."""

import pytest

from experiments.domain.errors import InvalidInput
from experiments.domain.types import ProblemDraft
from experiments.models import Attempt, Dataset, Run
from experiments.reports.arms import Arm, arms_called
from experiments.reports.audits import differences, warnings
from experiments.reports.compared_parts import flips, slices
from experiments.reports.comparison import Comparison, Wanted
from tests.factories import make_dataset, make_experiment, make_run, make_sample, make_variant

pytestmark = pytest.mark.django_db


def finished_run(dataset: Dataset, right: dict[str, int], n: int = 4, **experiment) -> Run:
    """Problem by problem, the first so many of n samples are right."""
    run = make_run(make_experiment(dataset=dataset, n=n, **experiment))
    for attempt in run.attempts.select_related("problem"):
        for index in range(n):
            is_right = index < right[attempt.problem.key]
            make_sample(attempt, index, f"The answer is {index if is_right else -index - 1}.", "correct" if is_right else "wrong")
    run.attempts.update(state=Attempt.State.DONE)
    return run


def arm(run: Run) -> Arm:
    (found,) = arms_called([f"{run.pk}.{run.conditions.get().key}"])
    return found


@pytest.fixture
def dataset() -> Dataset:
    return make_dataset(8, name="eight")


@pytest.fixture
def poor(dataset) -> Arm:
    return arm(finished_run(dataset, {f"p{i}": 1 for i in range(8)}))


@pytest.fixture
def good(dataset) -> Arm:
    return arm(finished_run(dataset, {f"p{i}": 3 if i else 0 for i in range(8)}, variants=[make_variant(name="other")]))


def test_a_difference_is_paired_by_problem(poor, good):
    comparison = Comparison([poor, good])
    (pair,) = comparison.pairs
    assert pair.difference.value == pytest.approx((7 * 0.5 - 0.25) / 8)
    assert (pair.difference.n, pair.only_first, pair.only_second) == (8, 1, 7)
    assert pair.test == "sign-flip permutation"
    assert pair.is_clear
    assert [result.group for result in comparison.results] == [1, 2]
    assert [result.arm for result in comparison.results] == [good, poor]
    assert comparison.in_words == f"By a single sample, “B: {good.condition.label}” is clearly best on 8 problems."


def test_any_of_k_is_right_or_wrong_and_gets_mcnemars_test(poor, good):
    (pair,) = Comparison([poor, good], Wanted("oracle")).pairs
    assert (pair.test, pair.only_first, pair.only_second) == ("McNemar, mid-p", 1, 0)
    assert not pair.is_clear
    assert "no clear difference" in pair.in_words
    # One problem of eight differs: a difference and a discordance of 1/8 take (1.96 sqrt(1/8) + 0.8416 sqrt(7/64))^2 * 64.
    assert pair.more_problems == 61 - 8


def test_repeats_of_one_setting_are_tied(dataset):
    same = {f"p{i}": i % 3 for i in range(8)}
    comparison = Comparison([arm(finished_run(dataset, same)), arm(finished_run(dataset, same))])
    assert {result.group for result in comparison.results} == {1}
    assert "no clear difference" in comparison.in_words
    assert comparison.pairs[0].more_problems is None  # no difference is ever told from none


def test_the_same_problems_in_another_version_are_found(poor):
    second = Dataset.objects.store("eight", drafts_of(poor), source="csv", source_params={"again": True})
    other = arm(finished_run(second, {f"p{i}": 2 for i in range(8)}))
    assert len(Comparison([poor, other]).problems) == 8
    assert "dataset" in [row.aspect for row in differences([poor, other])]


def drafts_of(arm: Arm):
    for problem in arm.run.experiment.dataset.problems.order_by("position"):
        yield ProblemDraft(problem.key, problem.question, tuple(problem.answers), tuple(problem.choices), {"topic": "new"})


def test_other_problems_cannot_be_compared(poor):
    elsewhere = Dataset.objects.store("elsewhere", [draft_named("q")], source="csv", source_params={})
    other = arm(finished_run(elsewhere, {"q": 1}))
    with pytest.raises(InvalidInput, match="share no finished problem"):
        Comparison([poor, other])


def draft_named(key: str):
    return ProblemDraft(key, f"What is {key}?", ("1",))


def test_what_cannot_be_compared_is_refused_with_the_reason(poor, good):
    with pytest.raises(InvalidInput, match="at least two"):
        Comparison([poor])
    with pytest.raises(InvalidInput, match="between 1 and 4"):
        Comparison([poor, good], Wanted("majority", 5))
    with pytest.raises(InvalidInput, match="Not all conditions were scored by “nonsense”"):
        Comparison([poor, good], Wanted("best", 2, "nonsense"))
    with pytest.raises(InvalidInput, match=r"no condition “7\.none”"):
        arms_called(["7.none"])


def test_flips_name_the_problem_and_both_attempts(poor, good):
    comparison = Comparison([poor, good])
    found = flips(comparison, comparison.pairs[0])
    assert [flip.problem for flip in found] == [f"p{i}" for i in range(1, 8)]
    assert {(flip.first, flip.second) for flip in found} == {(0.25, 0.75)}
    assert Attempt.objects.get(pk=found[0].second_attempt).run == good.run


def test_slices_split_the_difference_by_a_column_of_the_data():
    drafts = [draft_with(f"p{i}", "sums" if i < 4 else "words") for i in range(8)]
    dataset = Dataset.objects.store("two topics", drafts, source="csv", source_params={})
    first = arm(finished_run(dataset, {f"p{i}": 1 for i in range(8)}))
    second = arm(finished_run(dataset, {f"p{i}": 4 if i < 4 else 1 for i in range(8)}))
    comparison = Comparison([first, second])
    parts = {(each.column, each.value): each for each in slices(comparison, comparison.pairs[0])}
    assert parts["topic", "sums"].difference.value == pytest.approx(0.75)
    assert parts["topic", "words"].difference.value == 0
    assert parts["topic", "sums"].difference.n == 4
    assert not any(column == "hidden" for column, _ in parts)


def draft_with(key: str, topic: str):
    return ProblemDraft(key, f"What is {key}?", ("1",), metadata={"topic": topic, "hidden": {"secret": topic}})


def test_audits_see_what_is_wrong(dataset, poor):
    cut = finished_run(dataset, {f"p{i}": 1 for i in range(8)}, grader="exact", grader_params={})
    cut.grades.filter(verdict="wrong").update(verdict="truncated")
    cut.samples.update(seed=5)
    other = arm(cut)
    said = list(warnings([poor, other], [poor.outcomes(), other.outcomes()], 8, 9))
    assert any("same grader" in sentence for sentence in said)
    assert any("Only 8 of 9 problems" in sentence for sentence in said)
    assert any("75.0% of 32 answers were cut off" in sentence for sentence in said)
    assert any("32 samples share their seed" in sentence for sentence in said)
    assert list(warnings([poor, poor], [poor.outcomes()] * 2, 8, 8)) == []
