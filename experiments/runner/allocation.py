"""Attempts of adaptive studies, laid out round by round: what a round asks for follows from the rounds before it.

A round is stored whole before any of it is worked on, and the next one is asked for when it has ended. So a run that was
killed goes on as it would have gone on anyway, however many workers there are.
"""

import math
from collections import defaultdict

from django.db import transaction
from django.db.models import F, Max

from ..models import Attempt, Problem, Run
from ..studies.base import Results, Study, studies
from .claiming import has_open_attempts


def next_round(run_id: int) -> bool:
    """Lay out the next round of a run whose attempts have all ended. False where that was all there is to do."""
    if not _study(Run.objects.get(pk=run_id)).is_adaptive:
        return False
    with transaction.atomic():
        # Workers wait for one another here; SQLite lets one writer in anyway.
        run = Run.objects.workable().select_for_update().filter(pk=run_id).first()
        return run is None or has_open_attempts(run_id) or lay_out_next_round(run)


def lay_out_next_round(run: Run) -> bool:
    """Store the attempts that the run's study asks for next, if it is adaptive. Returns whether there are any.

    At the end the run's planned size becomes what it took.
    """
    study = _study(run)
    if not study.is_adaptive:
        return False
    keys = run.config["problems"]
    wanted = study.allocate(_results(run), keys)
    if not wanted:
        _settle(run)
        return False
    conditions = {condition.key: condition for condition in run.conditions.all()}
    problems = {problem.key: problem for problem in Problem.objects.filter(dataset=run.config["dataset"]["id"], key__in=keys)}
    last = run.attempts.aggregate(last=Max("position"))["last"]
    pairs = [(ask, repeat) for ask in wanted for repeat in range(run.config["repeats"])]
    Attempt.objects.bulk_create(
        Attempt(run=run, condition=conditions[ask.condition], problem=problems[ask.problem], repeat=repeat, position=position)
        for position, (ask, repeat) in enumerate(pairs, start=0 if last is None else last + 1)
    )
    return True


def _results(run: Run) -> Results:
    shares: dict[str, dict[str, list[float]]] = {key: defaultdict(list) for key in _condition_keys(run)}
    rows = run.attempts.order_by("position").values_list("condition__key", "problem__key", "state", "n_correct", "n_samples")
    for condition, problem, state, n_correct, n_samples in rows.iterator():
        is_answered = state == Attempt.State.DONE and n_samples
        shares[condition][problem].append(n_correct / n_samples if is_answered else math.nan)
    return {key: {problem: _mean(each) for problem, each in found.items()} for key, found in shares.items()}


def _mean(shares: list[float]) -> float:
    known = [share for share in shares if not math.isnan(share)]
    return sum(known) / len(known) if known else math.nan


def _settle(run: Run) -> None:
    """The difference is taken off, so that doing it twice changes nothing."""
    spare = run.n_attempts - run.attempts.count()
    per_attempt = run.n_samples_planned / max(1, run.n_attempts)
    Run.objects.filter(pk=run.pk).update(
        n_attempts=F("n_attempts") - spare, n_samples_planned=F("n_samples_planned") - round(spare * per_attempt)
    )


def _condition_keys(run: Run) -> list[str]:
    return list(run.conditions.order_by("position").values_list("key", flat=True))


def _study(run: Run) -> Study:
    config = run.config["study"]
    return studies.build(config["name"], config["params"])
