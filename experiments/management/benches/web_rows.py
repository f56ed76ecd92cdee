"""A database as large as a lab's: one run of each of ten experiments is stored, and copied inside the database."""

from collections.abc import Iterator

import numpy as np
from django.db import connection, models, transaction
from django.utils import timezone

from experiments.domain.types import ProblemDraft
from experiments.models import (
    Attempt,
    Call,
    Condition,
    Dataset,
    Experiment,
    Finding,
    Grade,
    LanguageModel,
    Prompt,
    Run,
    Sample,
    Tag,
    Variant,
    VerifierScore,
)
from experiments.reports.findings import refresh
from experiments.runner.planning import create_run

EXPERIMENTS, RUNS_EACH = 10, 20
PROBLEMS, SAMPLES_EACH = 100, 25  # with two variants: 5,000 samples a run
TEXT = "We have 3 apples and buy 4 more, so there are 3 + 4 = 7 apples. The answer is {}."
#: Tables in the order of what refers to what. Copies have the numbers of what they copy, plus a stride for each copy.
_COPIED = (Run, Condition, Attempt, Sample, Grade, VerifierScore, Call, Finding)
_STRIDE = 10_000_000


def fill() -> list[int]:
    """Store 200 runs with a million samples, each with the call that brought it, in the current database, which should be
    one to throw away. Returns the runs' numbers."""
    numbers = np.random.default_rng(1)
    templates = [_template(number, numbers) for number in range(EXPERIMENTS)]
    for copy in range(1, RUNS_EACH):
        _copy(copy)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return [run.pk + copy * _STRIDE for run in templates for copy in range(RUNS_EACH)]


def _template(number: int, numbers: np.random.Generator) -> Run:
    name = f"lab {number}"
    topics = ("sums", "words", "places", "dates")
    drafts = (
        ProblemDraft(f"p{i}", f"What is {i} + {number}?", (str(i + number),), metadata={"topic": topics[i % 4]})
        for i in range(PROBLEMS)
    )
    experiment = Experiment.objects.create(
        name=name,
        description="How far do two wordings differ?",
        dataset=Dataset.objects.store(name, drafts, source="bench", source_params={}),
        study_params={"n": SAMPLES_EACH},
        grader="numeric",
        verifiers=[{"name": "mean_logprob", "params": {}}],
    )
    prompt = Prompt.objects.create(name=name)
    experiment.language_models.add(LanguageModel.objects.create(name=name, backend="scripted"))
    experiment.variants.add(
        *(Variant.objects.write(prompt, each, "", f"{each}: {{{{ question }}}}") for each in ("plain", "kind"))
    )
    experiment.tags.add(Tag.objects.get_or_create(name=f"month {number % 3}")[0])
    run = create_run(experiment, None)
    run.start()
    _store(run, numbers)
    refresh(run.pk)
    return run


def _store(run: Run, numbers: np.random.Generator) -> None:
    verifier = run.config["verifiers"][0]["key"]
    attempts = list(run.attempts.select_related("problem"))
    samples, grades, scores = [], [], []
    for attempt in attempts:
        right = numbers.random(SAMPLES_EACH) < numbers.beta(0.5, 1)
        target = int(attempt.problem.answers[0])
        answers = np.where(right, target, target + numbers.integers(1, 9, SAMPLES_EACH)).tolist()
        rows = [_sample(run, attempt, i, answer) for i, answer in enumerate(answers)]
        samples += rows
        attempt.n_samples, attempt.n_correct, attempt.n_answers = SAMPLES_EACH, int(right.sum()), len(set(answers))
        grades += [(row, answer, target) for row, answer in zip(rows, answers, strict=True)]
    with transaction.atomic():
        Sample.objects.bulk_create(samples, batch_size=500)
        Grade.objects.bulk_create([_grade(run, *each) for each in grades], batch_size=500)
        scores = [VerifierScore(sample=row, verifier=verifier, score=row.mean_logprob) for row in samples]
        VerifierScore.objects.bulk_create(scores, batch_size=500)
        Call.objects.bulk_create([_call(run, row) for row in samples], batch_size=500)
        for attempt in attempts:
            attempt.state, attempt.finished_at = Attempt.State.DONE, timezone.now()
        Attempt.objects.bulk_update(attempts, ["n_samples", "n_correct", "n_answers", "state", "finished_at"], batch_size=500)
        counts = {"n_attempts_done": len(attempts), "n_samples": len(samples), "n_graded": len(samples)}
        Run.objects.filter(pk=run.pk).update(**counts, completion_tokens=40 * len(samples), prompt_tokens=20 * len(samples))
    run.complete()


def _sample(run: Run, attempt: Attempt, index: int, answer: int) -> Sample:
    return Sample(
        run=run,
        attempt=attempt,
        request_hash="bench",
        occurrence=index,
        index=index,
        seed=index,
        text=TEXT.format(answer),
        finish_reason=Sample.FinishReason.STOP,
        prompt_tokens=20,
        completion_tokens=40,
        mean_logprob=-0.1 * (index % 9),
        seconds=0.8,
        created_at=timezone.now(),
    )


def _grade(run: Run, sample: Sample, answer: int, target: int) -> Grade:
    verdict = Grade.Verdict.CORRECT if answer == target else Grade.Verdict.WRONG
    text = str(answer)
    grader = run.config["grader"]["key"]
    return Grade(run=run, sample=sample, grader=grader, verdict=verdict, score=answer == target, extracted=text, canonical=text)


def _call(run: Run, sample: Sample) -> Call:
    return Call(
        key=f"{sample.pk}",
        run=run,
        attempt_id=sample.attempt_id,
        language_model="bench",
        request_hash=sample.request_hash,
        occurrence=sample.occurrence,
        try_number=1,
        state=Call.State.ANSWERED,
        sent_at=timezone.now(),
        completion_tokens=sample.completion_tokens,
    )


def _copy(copy: int) -> None:
    """Insert every table's first rows once more, with what they refer to moved along."""
    with transaction.atomic(), connection.cursor() as cursor:
        for model in _COPIED:
            table = connection.ops.quote_name(model._meta.db_table)
            columns, values = zip(*_moved(model, copy * _STRIDE), strict=True)
            primary = connection.ops.quote_name(model._meta.pk.column)
            cursor.execute(
                f"INSERT INTO {table} ({', '.join(columns)}) SELECT {', '.join(values)} FROM {table} WHERE {primary} < %s",
                [_STRIDE],
            )


def _moved(model: type[models.Model], by: int) -> Iterator[tuple[str, str]]:
    """(column, what the copy has in it)."""
    for field in model._meta.concrete_fields:
        column = connection.ops.quote_name(field.column)
        is_copied = field.primary_key or (field.is_relation and field.related_model in _COPIED)
        if field.unique and not field.primary_key and not field.is_relation:
            yield column, f"{column} || '-{by}'"
        else:
            yield column, f"{column} + {by}" if is_copied else column
