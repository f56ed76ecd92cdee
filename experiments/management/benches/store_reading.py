"""The reading half of the store benchmark: the run page and the exports of a run with 100,000 stored samples."""

import os
import statistics
import time
from collections.abc import Iterator

import psutil
from django.db import transaction
from django.test import Client

from experiments.domain.seeds import rng
from experiments.domain.types import ProblemDraft
from experiments.models import (
    Attempt,
    Dataset,
    Experiment,
    Grade,
    LanguageModel,
    Prompt,
    Run,
    Sample,
    User,
    Variant,
    VerifierScore,
    Worker,
)
from experiments.reports.export_formats import export
from experiments.runner.planning import create_run
from experiments.runner.storing import AttemptEnding, store

from . import Row

SMALL, LARGE = 20_000, 100_000
N_PROBLEMS = 200
#: About what a small model writes on a grade-school problem.
TEXT = "We have 3 apples and buy 4 more, so there are 3 + 4 = 7 apples. " * 6 + "The answer is {}."
TOKENS = 128


def reading() -> Iterator[Row]:
    """Fills the current database, which should be one to throw away, with two runs."""
    small, large = stored_run(SMALL), stored_run(LARGE)
    seconds = _page_seconds(large)
    yield Row.at_most(f"run page with {LARGE:,} samples, median of {len(seconds)}", statistics.median(seconds) * 1000, "ms", 300)
    yield Row("the slowest of them", max(seconds) * 1000, "ms")
    _, peak_small = _exported(small, "csv")
    rate, peak_large = _exported(large, "csv")
    yield Row.at_least(f"CSV of {LARGE:,} rows", rate, "rows/s", 20_000)
    yield Row.at_most(f"memory that {LARGE:,} rows take more than {SMALL:,}", (peak_large - peak_small) / 1e6, "MB", 10)
    rate, _ = _exported(large, "jsonl")
    yield Row(f"JSONL of {LARGE:,} rows with {TOKENS} logprobs each", rate, "rows/s")


def stored_run(n_samples: int) -> Run:
    """A finished run of 200 problems, stored by the verbs that a worker uses."""
    run = planned_run(n_samples, f"bench of {n_samples:,}")
    worker = Worker.objects.create(host="bench", pid=os.getpid(), process_started=0)
    with transaction.atomic():
        attempts = Attempt.objects.claim(run, worker.pk, N_PROBLEMS, lease_seconds=600)
    for attempt in attempts:
        _store_attempt(run, attempt, n_samples // N_PROBLEMS)
    run.complete()
    return run


def planned_run(n_samples: int, name: str) -> Run:
    """A run of 200 problems that has started and has no samples yet."""
    drafts = (ProblemDraft(f"p{i}", f"What is {i} + 3?", (str(i + 3),)) for i in range(N_PROBLEMS))
    experiment = Experiment.objects.create(
        name=name,
        dataset=Dataset.objects.store(name, drafts, source="bench", source_params={}),
        study_params={"n": n_samples // N_PROBLEMS},
        grader="numeric",
        verifiers=[{"name": "mean_logprob", "params": {}}],
    )
    experiment.language_models.add(LanguageModel.objects.create(name=name, backend="scripted"))
    experiment.variants.add(Variant.objects.write(Prompt.objects.create(name=name), "plain", "", "{{ question }}"))
    run = create_run(experiment, None)
    run.start()
    return run


def _store_attempt(run: Run, attempt: Attempt, n: int) -> None:
    """Every third sample is correct; the others share six wrong answers."""
    stored = store([a_sample(run, attempt, i) for i in range(n)], {}, {run.pk: 1.0}).values()
    verifier = run.config["verifiers"][0]["key"]
    scores = [VerifierScore(sample=sample, verifier=verifier, score=sample.mean_logprob) for sample in stored]
    grades = [a_grade(run, attempt, sample) for sample in stored]
    summary = {"n_samples": n, "n_correct": (n + 2) // 3, "n_answers": 7, "vote_margin": n // 6}
    ending = AttemptEnding(run.pk, attempt.pk, attempt.worker_id, Attempt.State.DONE, summary=summary)
    store([*scores, *grades, ending], {}, {})


def a_sample(run: Run, attempt: Attempt, index: int) -> Sample:
    """An unstored sample."""
    logprobs = tuple(rng("bench", attempt.pk, index).uniform(-2, 0, TOKENS).tolist())
    return Sample(
        run=run,
        attempt=attempt,
        request_hash="bench",
        occurrence=index,
        index=index,
        seed=index,
        text=TEXT.format(_answer(attempt, index)),
        finish_reason=Sample.FinishReason.STOP,
        prompt_tokens=40,
        completion_tokens=TOKENS,
        logprobs=Sample.pack_logprobs(logprobs),
        mean_logprob=sum(logprobs) / TOKENS,
        seconds=1.5,
    )


def a_grade(run: Run, attempt: Attempt, sample: Sample) -> Grade:
    """An unstored grade of a stored sample."""
    answer = str(_answer(attempt, sample.index))
    is_correct = answer in attempt.problem.answers
    return Grade(
        run=run,
        sample=sample,
        grader=run.config["grader"]["key"],
        verdict=Grade.Verdict.CORRECT if is_correct else Grade.Verdict.WRONG,
        score=float(is_correct),
        extracted=answer,
        canonical=answer,
        explanation="The last number.",
    )


def _answer(attempt: Attempt, index: int) -> int:
    return int(attempt.problem.answers[0]) + (index % 7 if index % 3 else 0)


def _page_seconds(run: Run) -> list[float]:
    """Server time of the whole page for someone signed in, after one visit that fills the caches."""
    browser = Client(headers={"host": "localhost"})
    browser.force_login(User.objects.create_user("bench"))
    seconds = []
    for _ in range(8):
        started = time.perf_counter()
        response = browser.get(run.get_absolute_url())
        seconds.append(time.perf_counter() - started)
        if response.status_code != 200:
            raise RuntimeError(f"The run page answered {response.status_code}.")
    return seconds[1:]


def _exported(run: Run, format: str) -> tuple[float, int]:
    """(rows per second, the most bytes of memory of its own that the process held)."""
    lines, peak = 0, 0
    started = time.perf_counter()
    for piece in export(run, format):
        lines += piece.count(b"\n")
        memory = psutil.Process().memory_info()
        # Pages of the database file that the system maps in are its to take back.
        peak = max(peak, memory.rss - getattr(memory, "shared", 0))
    return lines / (time.perf_counter() - started), peak
