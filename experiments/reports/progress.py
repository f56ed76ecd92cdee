"""How far a run is, how long it will take and what it has cost, from the run's own counters: no sample is looked at."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from ..models import Run


@dataclass(frozen=True)
class Progress:
    """Shares are of the samples planned (`correct`, `wrong`, `other`: the bar) or stored (`cut_off`, `unparsed`, `failed`).

    What is not known yet is None. `other` are samples that could not be judged: cut off, without an answer, timed out in
    the grader, or failed. `flops` counts 2 per weight and token computed, prompt tokens out of a cache left out.
    `cost` is that of all `calls` to paid endpoints, failed and lost ones included, and `cost_expected` what the whole run
    comes to at this rate; both are None where nothing is paid.
    """

    samples: int
    samples_planned: int
    reused: int
    attempts: int
    attempts_planned: int
    attempts_failed: int
    done: float
    correct: float
    wrong: float
    other: float
    cut_off: float | None
    unparsed: float | None
    failed: float | None
    time_left: timedelta | None
    elapsed: timedelta | None
    samples_per_second: float | None
    tokens_per_second: float | None
    prompt_tokens: int
    cached_tokens: int
    completion_tokens: int
    reasoning_tokens: int
    usage_estimated: int
    calls: int
    calls_failed: int
    calls_cut: int
    cost: float | None
    cost_expected: float | None
    spending_cap: float | None
    flops: float | None


def progress(run: Run, now: datetime) -> Progress:
    """The run as of its counters. Rates are over the time in which attempts were under way, so a pause slows nothing down."""
    planned = max(run.n_samples_planned, 1)
    # A cut-off text may still have marked its answer; it is counted once, as correct if it is and else as cut off.
    unjudged = min(run.n_unparsed + run.n_grader_timeouts + run.n_cut_off, run.n_graded - run.n_correct)
    return Progress(
        samples=run.n_samples,
        samples_planned=run.n_samples_planned,
        reused=run.n_reused,
        attempts=run.n_attempts_done,
        attempts_planned=run.n_attempts,
        attempts_failed=run.n_attempts_failed,
        done=run.n_samples / planned,
        correct=run.n_correct / planned,
        wrong=(run.n_graded - run.n_correct - unjudged) / planned,
        other=(unjudged + run.n_samples_failed) / planned,
        cut_off=_share(run.n_cut_off, run.n_samples),
        unparsed=_share(run.n_unparsed, run.n_samples),
        failed=_share(run.n_samples_failed, run.n_samples),
        time_left=_time_left(run),
        elapsed=(run.finished_at or now) - run.started_at if run.started_at else None,
        samples_per_second=_share(run.n_samples, run.busy_seconds),
        tokens_per_second=_share(run.completion_tokens, run.busy_seconds),
        prompt_tokens=run.prompt_tokens,
        cached_tokens=run.cached_tokens,
        completion_tokens=run.completion_tokens,
        reasoning_tokens=run.reasoning_tokens,
        usage_estimated=run.n_usage_estimated,
        calls=run.n_calls,
        calls_failed=run.n_calls_failed,
        calls_cut=run.n_calls_cut,
        cost=run.cost or None,
        cost_expected=run.cost * planned / run.n_samples if run.cost and run.n_samples else None,
        spending_cap=run.spending_cap,
        flops=_flops(run),
    )


def _share(part: float, whole: float) -> float | None:
    return part / whole if whole else None


def _time_left(run: Run) -> timedelta | None:
    if run.state != Run.State.RUNNING or not run.n_samples:
        return None
    remaining = max(run.n_samples_planned - run.n_samples, 0)
    return timedelta(seconds=remaining * run.busy_seconds / run.n_samples) if run.busy_seconds else None


def _flops(run: Run) -> float | None:
    """None unless all the run's models have the same known size: its counters do not tell the models apart."""
    sizes = {model["n_parameters"] for model in run.config["language_models"]}
    if len(sizes) != 1 or None in sizes:
        return None
    return 2.0 * sizes.pop() * (run.prompt_tokens - run.cached_tokens + run.completion_tokens)
