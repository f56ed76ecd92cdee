"""A format study on the bundled model, with and without the reuse of prompts that begin alike, and what a search saves."""

import asyncio
import time
from collections.abc import Iterator

import numpy as np

from experiments.domain.types import Decoding, Message
from experiments.inference.base import LanguageModelClient, Request, backends
from experiments.management.working import new_worker
from experiments.models import Dataset, Experiment, LanguageModel, Prompt, Run, Variant
from experiments.runner.frozen import FrozenRun
from experiments.runner.planning import create_run
from experiments.sources.base import sources
from experiments.statistics.search_simulation import budgets_needed

from . import Row, bench
from .scratch import scratch_database

FORMATS, PROBLEMS, SHOTS = 6, 12, 5
#: The size of a whole study, the original format included.
WHOLE = 41 * 60
DECODING = Decoding(temperature=0, max_tokens=10)


@bench("format")
def format() -> Iterator[Row]:
    """6 formats x 12 problems with 5 shots on the bundled model: format by format, as a run and bare; and simulated searches."""
    with scratch_database():
        run = _run()
        started = time.perf_counter()
        asyncio.run(new_worker(until_idle=True).run())
        seconds = time.perf_counter() - started
        run.refresh_from_db()
        per_second = run.n_samples / run.busy_seconds
        yield Row("run: answers", run.n_samples, "")
        yield Row("run: answers per second while at work", per_second, "1/s")
        yield Row("run: start of the model and end included", run.n_samples / seconds, "1/s")
        yield Row("run: prompt tokens taken from the cache", 100 * run.cached_tokens / run.prompt_tokens, "%")
        yield Row.at_most("41 formats x 60 problems, extrapolated from that", WHOLE / per_second / 60, "minutes", 20)
        with_reuse, without = asyncio.run(_side_by_side(run))
    n = FORMATS * PROBLEMS
    yield Row("engine, prompts that begin alike", n / with_reuse, "1/s")
    yield Row("engine, prompts that each begin differently", n / without, "1/s")
    yield Row.at_least("engine: with reuse / without", without / with_reuse, "x", 1)
    for n_formats, n_problems, pull in ((40, 200, 5), (100, 500, 20)):
        search, evenly = budgets_needed(n_formats, n_problems, pull, at_once=8, tasks=24, rng=np.random.default_rng(1))
        what = f"simulated, {n_formats} x {n_problems}: answers for the spread within a point"
        yield Row(f"{what}, Thompson sampling", search, "")
        yield Row(f"{what}, asking evenly", evenly, "")
        yield Row.at_least(f"{what}, evenly / Thompson", evenly / search, "x", 1)


def _run() -> Run:
    drafts = list(sources.build("shipped_items", {"kind": "multiple_choice"}).problems())
    dataset = Dataset.objects.store("choices", drafts, source="shipped_items", source_params={"kind": "multiple_choice"})
    experiment = Experiment.objects.create(
        name="format",
        dataset=dataset,
        max_problems=PROBLEMS,
        study="format_spread",
        study_params={"n_formats": FORMATS - 1, "n_paths": 0, "shots": SHOTS},
        decoding=DECODING.model_dump(mode="json"),
        grader="prefix_match",
        seed=1,
    )
    experiment.language_models.set([LanguageModel.objects.create(name="bundled", backend="llama_cpp", params={})])
    experiment.variants.set([Variant.objects.write(Prompt.objects.create(name="choices"), "plain", "", "{{ question }}")])
    return create_run(experiment, None)


async def _side_by_side(run: Run) -> tuple[float, float]:
    """Seconds for the run's prompts format by format, turn by turn with the same ones behind a number of their own."""
    frozen = await asyncio.to_thread(_prompts, run)
    client = await backends.build("llama_cpp").connect()
    try:
        await _ask(client, [_numbered(0, frozen[0][0])])
        seconds = [0.0, 0.0]
        number = 1000
        for prompts in frozen:
            alike = [_numbered(0, prompt) for prompt in prompts]
            different = [_numbered(number + place, prompt) for place, prompt in enumerate(prompts)]
            number += len(prompts)
            seconds[0] += await _ask(client, alike)
            seconds[1] += await _ask(client, different)
        return seconds[0], seconds[1]
    finally:
        await client.aclose()


def _prompts(run: Run) -> list[list[str]]:
    """By format, what every problem's prompt says."""
    frozen, found = FrozenRun(run), {}
    for attempt in run.attempts.select_related("condition", "problem").order_by("position"):
        question = frozen.condition_of(attempt).question(attempt.problem)
        found.setdefault(attempt.condition_id, []).append(question.messages[-1].content)
    return list(found.values())


def _numbered(number: int, prompt: str) -> tuple[Message, ...]:
    """Nothing after the number can be taken from the prompt of another number."""
    return (Message("system", f"{number:05} is the number of this case."), Message("user", prompt))


async def _ask(client: LanguageModelClient, prompts: list[tuple[Message, ...]]) -> float:
    started = time.perf_counter()
    await asyncio.gather(*(client.generate(Request(messages, DECODING, seed=0), lambda text: None) for messages in prompts))
    return time.perf_counter() - started
