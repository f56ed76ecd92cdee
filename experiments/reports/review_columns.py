"""The columns of a review file: ids first, what is to be read, and what the reviewer fills in."""

from collections.abc import Iterator
from typing import Any

from ..models import Grade, HumanVerdict, ReviewItem, ReviewSet
from .export_columns import Column

SCORE = "score_"

_IDS = (
    Column("review_set", "integer", "Number of the review set"),
    Column("item", "integer", "Number of the item; verdicts are matched by it, so leave it as it is"),
    Column("reviewer", "text", "Whose verdicts these are"),
    Column("revision", "integer", "Which state of your verdict the file was made from; leave it as it is", optional=True),
)
_PROBLEM = (
    Column("problem", "text", "Key of the problem inside its dataset"),
    Column("question", "text", "The problem's question"),
    Column("choices", "text", "The answers to choose from, a line each", optional=True),
)
_TARGET = Column("target", "text", "The answers that count as right, a line each", optional=True)
_SINGLE = (Column("text", "text", "The text to judge"),)
_PAIR = (Column("left", "text", "One text"), Column("right", "text", "The other text"))
_SINGLE_ORIGIN = (
    Column("condition", "text", "The text's run and condition"),
    Column("grader_verdict", "text", "What the run's grader said", optional=True),
)
_PAIR_ORIGIN = (
    Column("left_condition", "text", "The left text's run and condition"),
    Column("left_grader_verdict", "text", "What the run's grader said of it", optional=True),
    Column("right_condition", "text", "The right text's run and condition"),
    Column("right_grader_verdict", "text", "What the run's grader said of it", optional=True),
)


def columns_of(review_set: ReviewSet) -> tuple[Column, ...]:
    """They depend on what the set shows and asks, never on its texts."""
    origin = () if review_set.is_blind else _PAIR_ORIGIN if review_set.is_pairwise else _SINGLE_ORIGIN
    return (
        *_IDS,
        *_PROBLEM,
        *((_TARGET,) if review_set.shows_target else ()),
        *origin,
        *(_PAIR if review_set.is_pairwise else _SINGLE),
        Column("verdict", "text", f"Fill in: {', '.join(review_set.allowed_verdicts)}"),
        *(Column(SCORE + each["key"], "integer", _scale(each), optional=True) for each in review_set.rubric),
        Column("note", "text", "Fill in what you want to say about it", optional=True),
    )


def rows_of(review_set: ReviewSet, reviewer: str) -> Iterator[tuple[Any, ...]]:
    """A tuple in the order of `columns_of` for every item, with what the reviewer has said so far."""
    names = [column.name for column in columns_of(review_set)]
    items = review_set.items.select_related(
        "sample__attempt__problem", "sample__attempt__condition", "other__attempt__condition"
    ).defer("sample__logprobs", "sample__tokens", "other__logprobs", "other__tokens")
    newest = {each.item_id: each for each in review_set.verdicts().filter(reviewer=reviewer).newest()}
    grades = {} if review_set.is_blind else grades_of(review_set)
    for item in items.order_by("position").iterator(chunk_size=500):
        cells = _cells(item, reviewer, newest.get(item.pk), grades)
        yield tuple(cells.get(name) for name in names)


def grades_of(review_set: ReviewSet) -> dict[int, Grade]:
    """Sample -> its grade by its own run's grader."""
    samples = {pk for pair in review_set.items.values_list("sample", "other") for pk in pair if pk}
    found = Grade.objects.filter(sample__in=samples).select_related("run")
    return {grade.sample_id: grade for grade in found if grade.grader == grade.run.config["grader"]["key"]}


def _cells(item: ReviewItem, reviewer: str, newest: HumanVerdict | None, grades: dict[int, Grade]) -> dict[str, Any]:
    problem = item.sample.attempt.problem
    cells = {
        "review_set": item.review_set_id,
        "item": item.pk,
        "reviewer": reviewer,
        "revision": newest and newest.pk,
        "problem": problem.key,
        "question": problem.question,
        "choices": "\n".join(map(str, problem.choices)),
        "target": "\n".join(map(str, problem.answers)),
    }
    for side, sample in (("left", item.sample), ("right", item.other)) if item.other_id else (("", item.sample),):
        start = f"{side}_" if side else ""
        attempt, grade = sample.attempt, grades.get(sample.pk)
        cells[side or "text"] = sample.whole_text
        cells[f"{start}condition"] = f"run {attempt.run_id}: {attempt.condition.label}"
        cells[f"{start}grader_verdict"] = grade and grade.verdict
    if newest and newest.verdict != HumanVerdict.Verdict.WITHDRAWN:
        cells |= {"verdict": str(newest.verdict), "note": newest.note}
        cells |= {SCORE + key: value for key, value in newest.scores.items()}
    return cells


def _scale(criterion: dict) -> str:
    return f"Fill in for “{criterion['title']}”: a whole number from {criterion['low']} to {criterion['high']}"
