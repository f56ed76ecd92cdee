"""A run's samples with all that belongs to them, as rows of exact values.

Rows are read by key, a chunk at a time, with what belongs to just those samples, so that memory does not grow with the
run. A run that is still going gives what is stored so far; a sample without a grade has empty cells there.
"""

from collections import defaultdict
from collections.abc import Iterator
from itertools import accumulate, pairwise
from typing import Any

from django.db.models import Case, F, IntegerField, QuerySet, When
from django.db.models.functions import Cast

from ..models import Grade, Problem, Run, Sample, VerifierScore
from .export_columns import NAMES

CHUNK = 4000

# 0 and 1, not False and True: a spreadsheet can add them up.
_AS_NUMBER = Cast("usage_is_estimated", IntegerField())
_IS_CHOSEN = Case(When(attempt__chosen=F("pk"), then=1), default=0)

_IDENTITY = (
    "attempt__repeat",
    "attempt_id",
    "pk",
    "index",
    "purpose",
    "verifier",
    _IS_CHOSEN,
    "parent_id",
    "reused_from_id",
    "seed",
    "seed_sent",
    "choice",
)
_OUTCOME = (
    *("finish_reason", "endpoint_finish_reason", "stop_string", "error"),
    *("prompt_tokens", "cached_tokens", "completion_tokens", "reasoning_tokens"),
    *(_AS_NUMBER, "n_calls", "cost", "request_id", "mean_logprob", "measures"),
)
_TIMING = ("seconds", "seconds_to_first_token", "created_at")
_TEXTS = ("prefix", "text", "reasoning", "refusal")
_GRADE = ("verdict", "score", "extracted", "canonical", "explanation", "grader")
_NOT_GRADED = (None,) * len(_GRADE)
# What is read of a sample, after the keys of its condition and problem; and where each group stands.
_READ = ("attempt__condition_id", "attempt__problem_id", *_IDENTITY, *_OUTCOME, *_TIMING, *_TEXTS)
_GROUPS = [slice(*ends) for ends in pairwise(accumulate(map(len, (_IDENTITY, _OUTCOME, _TIMING, _TEXTS)), initial=2))]
_PK = _READ.index("pk")


def row_chunks(run: Run) -> Iterator[list[tuple[Any, ...]]]:
    """All rows of the run in the order they were stored, as lists of up to `CHUNK`."""
    for samples in _sample_chunks(run):
        yield exact_rows(run, samples)


def object_chunks(run: Run) -> Iterator[list[dict[str, Any]]]:
    """As `row_chunks`, with `exact_objects`."""
    for samples in _sample_chunks(run):
        yield exact_objects(run, samples)


def exact_objects(run: Run, samples: QuerySet[Sample]) -> list[dict[str, Any]]:
    """The samples' rows by column name, and `token_logprobs`: a number per completion token, or None without logprobs."""
    logprobs = dict(samples.values_list("pk", "logprobs"))
    objects = [dict(zip(NAMES, row, strict=True)) for row in exact_rows(run, samples)]
    return [{**cells, "token_logprobs": Sample.unpack_logprobs(logprobs[cells["sample"]])} for cells in objects]


def exact_rows(run: Run, samples: QuerySet[Sample]) -> list[tuple[Any, ...]]:
    """A tuple in the order of `COLUMNS` for each of these samples of the run. Five queries, however many samples."""
    found = list(samples.values_list(*_READ))
    conditions = _condition_cells(run)
    problems = _problem_cells({row[1] for row in found})
    grades = _grade_cells(run, samples)
    scores = _verifier_scores(samples)
    run_cells = (run.pk, run.config["experiment"]["name"])
    rows = []
    for sample in found:
        identity, outcome, timing, texts = [sample[group] for group in _GROUPS]
        pk = sample[_PK]
        where = (*run_cells, *conditions[sample[0]], *problems[sample[1]])
        judged = (*grades.get(pk, _NOT_GRADED), *outcome, scores.get(pk, {}))
        rows.append((*where, *identity, *judged, *timing[:-1], timing[-1].isoformat(), *texts))
    return rows


def _sample_chunks(run: Run) -> Iterator[QuerySet[Sample]]:
    last = 0
    while keys := list(run.samples.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:CHUNK]):
        yield run.samples.filter(pk__gt=last, pk__lte=keys[-1]).order_by("pk")
        last = keys[-1]


def _condition_cells(run: Run) -> dict[int, tuple[Any, ...]]:
    """As the run froze them: a model renamed since keeps the name it was run under."""
    specs = {spec["key"]: spec for spec in run.config["conditions"]}
    return {pk: _cells_of(specs[key]) for pk, key in run.conditions.values_list("pk", "key")}


def _cells_of(spec: dict[str, Any]) -> tuple[Any, ...]:
    strategy, treatment = spec["strategy"], spec.get("treatment")
    how = (strategy["name"], strategy["params"], treatment, spec["decoding"])
    return spec["key"], spec["language_model"], spec["variant"], *how


def _problem_cells(keys: set[int]) -> dict[int, tuple[Any, ...]]:
    return {pk: tuple(rest) for pk, *rest in Problem.objects.filter(pk__in=keys).values_list("pk", "key", "question", "answers")}


def _grade_cells(run: Run, samples: QuerySet[Sample]) -> dict[int, tuple[Any, ...]]:
    """By the run's own grader, of the samples that it has graded."""
    grades = Grade.objects.filter(sample__in=samples.order_by().values("pk"), grader=run.config["grader"]["key"])
    return {pk: tuple(rest) for pk, *rest in grades.values_list("sample_id", *_GRADE)}


def _verifier_scores(samples: QuerySet[Sample]) -> dict[int, dict[str, float | None]]:
    scores: dict[int, dict[str, float | None]] = defaultdict(dict)
    found = (
        VerifierScore.objects.filter(sample__in=samples.order_by().values("pk"))
        .order_by("pk")
        .values_list("sample_id", "verifier", "score")
    )
    for sample, verifier, score in found:
        scores[sample][verifier] = score
    return scores
