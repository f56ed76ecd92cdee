"""What the compare page adds to differences: costs, other metrics, the draw, labels, many tasks, and what a plan could show."""

import numpy as np
import pytest

from experiments.domain.errors import InvalidInput
from experiments.domain.types import ProblemDraft
from experiments.models import Attempt, Dataset, Problem, ProblemMark
from experiments.reports.arms import arms_called
from experiments.reports.compared_costs import frontier_figure, on_frontier
from experiments.reports.compared_parts import slices
from experiments.reports.comparison import Comparison, Wanted
from experiments.reports.draw_variance import draw_variances
from experiments.reports.label_doubts import label_doubts, left_out
from experiments.reports.many_tasks import ManyTasks, columns_for_tasks
from experiments.reports.metric_sides import disagreement, metric_sides
from experiments.reports.planned_power import PlannedPower
from tests.factories import make_experiment, make_run, make_sample, make_user, make_variant

pytestmark = pytest.mark.django_db

N = 12


@pytest.fixture
def dataset() -> Dataset:
    drafts = [
        ProblemDraft(
            f"p{i}", f"What is {i} + {i}?", (str(2 * i),), metadata={"topic": "odd" if i % 2 else "even", "passage": i // 3}
        )
        for i in range(N)
    ]
    return Dataset.objects.store("sums", drafts, source="csv", source_params={})


def arm_with(dataset: Dataset, right, n: int = 4, tokens: int = 5, name: str = "plain"):
    """`right(i)` of the n samples to problem i are right; a wrong one says that it is one off."""
    run = make_run(make_experiment(dataset=dataset, n=n, variants=[make_variant(name=name)]))
    for attempt in run.attempts.select_related("problem"):
        i = attempt.problem.position
        for index in range(n):
            good = index < right(i)
            answer = str(2 * i + (0 if good else 1))
            make_sample(attempt, index, f"It is {answer}.", "correct" if good else "wrong", completion_tokens=tokens)
    run.attempts.update(state=Attempt.State.DONE)
    (arm,) = arms_called([f"{run.pk}.{run.conditions.get().key}"])
    return arm


def test_an_arm_that_costs_more_and_is_no_better_is_off_the_frontier(dataset):
    cheap, dear, best = (
        arm_with(dataset, lambda i: 2, tokens=5),
        arm_with(dataset, lambda i: 1, tokens=9),
        arm_with(dataset, lambda i: 4, tokens=20),
    )
    comparison = Comparison([cheap, dear, best])
    assert on_frontier(comparison, "tokens") == {"A", "C"}
    figure = frontier_figure(comparison, "tokens")
    assert {series.name: (series.x, series.y) for series in figure.series}["frontier"] == ([5, 20], [0.5, 1.0])


def test_clusters_widen_what_their_problems_share(dataset):
    first = arm_with(dataset, lambda i: 0)
    second = arm_with(dataset, lambda i: 4 if i // 3 % 2 else 0)
    alone = Comparison([first, second]).pairs[0]
    together = Comparison([first, second], Wanted(cluster="passage")).pairs[0]
    assert (alone.difference.n, together.difference.n) == (12, 4)
    assert together.difference.method == "bootstrap over clusters"
    assert together.difference.high - together.difference.low > alone.difference.high - alone.difference.low
    # Two of four clusters differ: random signs are as extreme in half of the draws.
    assert together.p == pytest.approx(0.5, abs=0.03)
    with pytest.raises(InvalidInput, match="no column “place”"):
        Comparison([first, second], Wanted(cluster="place"))


def test_corrections_are_named_and_max_t_forgives_what_arms_share(dataset):
    arms = [arm_with(dataset, lambda i, a=a: (i + a) % 3) for a in range(3)]
    by_holm, by_max_t = (Comparison(arms, Wanted(correction=name)) for name in ("holm", "max_t"))
    assert (by_holm.correction_in_words, by_max_t.correction_in_words) == ("Holm", "max-T")
    assert [pair.p for pair in by_holm.pairs] == [pair.p for pair in by_max_t.pairs]
    assert all(b.p_adjusted <= a.p_adjusted + 0.02 for a, b in zip(by_holm.pairs, by_max_t.pairs, strict=True))
    with pytest.raises(InvalidInput, match="no correction “none”"):
        Comparison(arms, Wanted(correction="none"))


def test_other_metrics_give_part_marks_and_may_disagree(dataset):
    near, far = arm_with(dataset, lambda i: 1), arm_with(dataset, lambda i: 2)
    comparison = Comparison([near, far])
    sides = {side.name: side for side in metric_sides(comparison)}
    assert sides["right"].values[1].value == 0.5
    # Problem 0 is worth 1 on both scales; others miss by 1 / (2 i), three times in four.
    expected = np.mean([0.75 * min(1, 1 / max(1, 2 * i)) for i in range(N)])
    assert sides["numeric error"].values[0].value == pytest.approx(expected)
    assert sides["edit distance"].values[0].value == pytest.approx(0.75)
    assert sides["Brier"].values[1].value == pytest.approx(0.5)
    assert {side.best for side in sides.values()} == {"A", "B"}  # readable ties go to the first
    assert "depends on the metric" in disagreement(list(sides.values()))


def test_the_draw_is_told_from_the_problems(dataset):
    steady, lucky = arm_with(dataset, lambda i: 4 * (i % 2)), arm_with(dataset, lambda i: 2)
    one, two = draw_variances(Comparison([steady, lucky]))
    assert (one.parts.draws, one.parts.flips) == (0, 0)
    assert "nothing new" in one.in_words
    assert two.parts.items == 0
    assert two.parts.flips == pytest.approx(2 / 3)
    assert "more samples on these problems" in two.in_words


def test_marked_labels_can_be_left_out_and_move_scores(dataset):
    first, second = arm_with(dataset, lambda i: 4 if i < 6 else 0), arm_with(dataset, lambda i: 4 if i >= 5 else 0)
    comparison = Comparison([first, second])
    assert label_doubts(comparison) is None
    for problem in Problem.objects.filter(position__gte=9):
        kind = "wrong" if problem.position > 9 else "suspect"
        ProblemMark.objects.create(identity=problem.identity, problem=problem, kind=kind, author=make_user())
    doubts = label_doubts(comparison)
    assert (doubts.n_wrong, doubts.n_suspect, doubts.n_fine) == (2, 1, 0)
    moved = {each.arm: each for each in doubts.moved}
    assert (moved[first].before.value, moved[first].after.value) == (0.5, pytest.approx(6 / 9))
    assert (moved[first].rank_before, moved[first].rank_after) == (2, 1)
    assert len(Comparison(comparison.arms, Wanted(leave_out=left_out(comparison.arms, "wrong"))).problems) == 10
    assert len(Comparison(comparison.arms, Wanted(leave_out=left_out(comparison.arms, "doubtful"))).problems) == 9


def test_the_worst_of_several_peoples_marks_counts(dataset):
    arm = arm_with(dataset, lambda i: 1)
    problem = Problem.objects.get(key="p3")
    for kind in ("fine", "wrong", "suspect"):
        ProblemMark.objects.create(identity=problem.identity, problem=problem, kind=kind, author=make_user())
    assert left_out([arm], "wrong") == {problem.identity}


def test_difficulty_is_told_by_the_arms_beside_the_pair(dataset):
    arms = [arm_with(dataset, lambda i: 2), arm_with(dataset, lambda i: 3), arm_with(dataset, lambda i: i // 3)]
    comparison = Comparison(arms)
    parts = [part for part in slices(comparison, comparison.pairs[0]) if part.column.startswith("difficulty")]
    assert [part.value for part in parts] == ["easy", "middling", "hard"]
    two = Comparison(arms[:2])
    assert not [part for part in slices(two, two.pairs[0]) if part.column.startswith("difficulty")]


def test_parts_of_the_data_are_tasks(dataset):
    worse, better = arm_with(dataset, lambda i: 1 + i % 2), arm_with(dataset, lambda i: 3)
    assert columns_for_tasks([worse]) == ["topic", "passage"]
    found = ManyTasks([worse, better], "topic")
    assert (found.tasks, found.n_runs) == (["even", "odd"], 4)
    first, second = found.contenders
    assert first.scores.tolist() == [[1, 1], [0, 1], [0, 0], [0, 0]]
    assert [(each.value, each.n) for each in second.by_task] == [(0.75, 6), (0.75, 6)]
    assert second.better.value == pytest.approx(
        np.mean([0.75 * 0.75 + 0.5 * (0.75 * 0.25 + 0.25 * 0.75), 0.75 * 0.5 + 0.5 * 0.5])
    )
    assert found.profile().series[0].y[0] == 3 / 8
    taken_off = ManyTasks([worse, better], "topic", chance=0.5)
    assert [each.value for each in taken_off.contenders[1].by_task] == [0.5, 0.5]
    assert taken_off.heat_map().values == [[each.value for each in one.by_task] for one in taken_off.contenders]


def test_a_single_task_is_refused(dataset):
    arms = [arm_with(dataset, lambda i: 1), arm_with(dataset, lambda i: 2)]
    with pytest.raises(InvalidInput, match="takes at least two; by “dataset”"):
        ManyTasks(arms)
    with pytest.raises(InvalidInput, match="chance level"):
        ManyTasks(arms, "topic", 1.0)
    named = [arms[0], arm_with(dataset, lambda i: 2, n=3)]
    with pytest.raises(InvalidInput, match="takes at least two; by “nothing”"):
        ManyTasks(named, "nothing")


def test_a_plan_says_what_it_could_show():
    # Independent settings at 0.5 differ on half of the problems; 1.96 sqrt(q) + 0.8416 sqrt(q - d^2) = d sqrt(n).
    planned = PlannedPower(n=626, accuracy=0.5, agreement=0.6)
    assert planned.mean_square == pytest.approx(0.2)
    assert planned.detectable == pytest.approx(0.05, abs=1e-4)
    assert dict(planned.needed)[0.05] == 626
    assert dict(planned.needed)[0.03] == 1742
    assert PlannedPower(n=626, accuracy=0.5, agreement=0.6, samples=4).mean_square == pytest.approx(0.05)
    assert planned.figure().x_marks == {"626 problems": 626.0}
