"""How fast the interactive figure answers."""

import random
import statistics
import time
from collections.abc import Iterator

import numpy as np
from django.test import Client
from django.utils import timezone

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
)
from experiments.reports.explorers import explorer_of
from experiments.runner.planning import create_run

from . import Row, bench
from .scratch import scratch_database

N_PROBLEMS, N_SAMPLES = 1_000, 64
STATES = 60


@bench("explore")
def explore() -> Iterator[Row]:
    """The interactive figure on 1,000 problems x 64 samples: many states in random order, as page and as API."""
    with scratch_database():
        run = stored_run(N_PROBLEMS, N_SAMPLES)
        browser = Client(headers={"host": "localhost"})
        browser.force_login(User.objects.create_user("bench"))
        page, api = f"{run.get_absolute_url()}explore/", f"/api/runs/{run.pk}/explore/"
        yield Row("the first page, everything loaded", _milliseconds(browser, page, {}), "ms")
        explorer = explorer_of(Run.objects.get(pk=run.pk))
        for selector in explorer.selectors.values():
            first = _milliseconds(browser, api, {"selectors": selector.name})
            if first > 200:
                yield Row(f"the first curve of “{selector.label}”", first, "ms")
        states = list(_states(explorer, random.Random(1)))
        times = [_milliseconds(browser, page, state, {"HX-Request": "true"}) for state in states]
        yield Row.at_most(f"an answer to the page, median of {STATES} states", statistics.median(times), "ms", 200)
        yield Row("the slowest of them", max(times), "ms")
        times = [_milliseconds(browser, api, state) for state in states]
        yield Row.at_most(f"an answer of the API, median of {STATES} states", statistics.median(times), "ms", 200)
        yield Row("the slowest of them", max(times), "ms")


def _states(explorer, choice: random.Random) -> Iterator[dict]:
    """Query strings: two to six selectors, any x axis, k and part of the problems."""
    for _ in range(STATES):
        names = list(explorer.selectors)
        yield {
            "selectors": choice.sample(names, choice.randint(2, min(6, len(names)))),
            "baseline": choice.choice(names),
            "x": choice.choice(list(explorer.units)),
            "k": choice.choice(explorer.ks),
            "problems": choice.choice(list(explorer.groups)),
        }


def _milliseconds(browser: Client, path: str, state: dict, headers: dict | None = None) -> float:
    """Server time of one answer."""
    started = time.perf_counter()
    response = browser.get(path, state, headers=headers)
    seconds = time.perf_counter() - started
    if response.status_code != 200:
        raise RuntimeError(f"{path} answered {response.status_code}: {response.content[:300]!r}")
    return seconds * 1000


def stored_run(n_problems: int, n_samples: int) -> Run:
    """A finished run with one pool a problem: success rates from Beta(0.3, 1), wrong answers over 40 with a long tail."""
    drafts = (ProblemDraft(f"p{i}", f"{i} + 3 =", ("0",), metadata={"kind": f"kind {i % 4}"}) for i in range(n_problems))
    name = f"explore {n_problems} x {n_samples}"
    experiment = Experiment.objects.create(
        name=name,
        dataset=Dataset.objects.store(name, drafts, source="bench", source_params={}),
        study_params={"n": n_samples},
        grader="numeric",
        verifiers=[{"name": "mean_logprob", "params": {}}, {"name": "sequence_logprob", "params": {}}],
    )
    experiment.language_models.add(LanguageModel.objects.create(name=name, backend="scripted", n_parameters=135_000_000))
    experiment.variants.add(Variant.objects.write(Prompt.objects.create(name=name), "plain", "", "{{ question }}"))
    run = create_run(experiment, None)
    run.start()
    numbers = np.random.default_rng(1)
    attempts = list(run.attempts.order_by("position").values_list("pk", flat=True))
    for start in range(0, n_problems, 100):
        _store(run, attempts[start : start + 100], n_samples, numbers)
    run.attempts.update(state=Attempt.State.DONE)
    Run.objects.filter(pk=run.pk).update(n_attempts_done=n_problems)
    run.complete()
    return run


def _store(run: Run, attempts: list[int], n: int, numbers: np.random.Generator) -> None:
    samples, answers = [], []
    for attempt in attempts:
        right = numbers.random(n) < numbers.beta(0.3, 1)
        answers += np.where(right, 0, np.minimum(numbers.geometric(0.1, n), 40)).tolist()
        likely = numbers.normal(right * 0.3 - 1, 0.3)
        tokens = numbers.integers(5, 60, n)
        samples += [_sample(run, attempt, i, int(tokens[i]), float(likely[i])) for i in range(n)]
    Sample.objects.bulk_create(samples)
    scores = [
        VerifierScore(sample=sample, verifier=verifier["key"], score=sample.mean_logprob * factor)
        for sample in samples
        for verifier, factor in zip(run.config["verifiers"], (1, sample.completion_tokens), strict=True)
    ]
    VerifierScore.objects.bulk_create(scores)
    grades = [
        Grade(
            run=run,
            sample=sample,
            grader=run.config["grader"]["key"],
            verdict=Grade.Verdict.WRONG if answer else Grade.Verdict.CORRECT,
            canonical=str(answer),
        )
        for sample, answer in zip(samples, answers, strict=True)
    ]
    Grade.objects.bulk_create(grades)


def _sample(run: Run, attempt: int, index: int, tokens: int, mean_logprob: float) -> Sample:
    return Sample(
        run=run,
        attempt_id=attempt,
        request_hash="bench",
        occurrence=index,
        index=index,
        seed=index,
        text=f"Step {index}.\n" + "so " * tokens,
        finish_reason=Sample.FinishReason.STOP,
        prompt_tokens=40,
        cached_tokens=40 if index else 0,
        completion_tokens=tokens,
        mean_logprob=mean_logprob,
        seconds=tokens / 50,
        cost=1e-6 * tokens,
        created_at=timezone.now(),
    )
