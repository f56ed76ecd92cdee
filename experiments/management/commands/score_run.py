"""`manage.py score_run RUN VERIFIER --params JSON --wait`: a finished run's answers scored by a further verifier."""

import asyncio
import json
import time

from django.core.management.base import BaseCommand, CommandError

from experiments.domain.errors import AssayError
from experiments.management.working import new_worker, stop_on_signals
from experiments.models import Run, Scoring
from experiments.reports.verifier_standings import verifier_standings
from experiments.runner import presence
from experiments.runner.scorings import begin_scoring
from experiments.runner.worker import Worker

POLL_SECONDS = 0.2


class Command(BaseCommand):
    help = "Score a finished run by a further verifier: scores are added, nothing stored changes. What stopped goes on."

    def add_arguments(self, parser) -> None:
        parser.add_argument("run", type=int, help="the run's number")
        parser.add_argument("verifier", help="the verifier's name, such as llm_judge")
        parser.add_argument("--params", default="{}", help='its options as JSON: {"language_model": "judge"}')
        parser.add_argument(
            "--wait", action="store_true", help="stay until it has ended, and work on it unless another worker is there"
        )
        parser.add_argument("--json", action="store_true", help="print the result as one JSON object")

    def handle(self, *, run: int, verifier: str, params: str, wait: bool, json: bool, **options) -> None:
        found = Run.objects.filter(pk=run).first()
        if found is None:
            raise CommandError(f"There is no run {run}.")
        try:
            scoring = begin_scoring(found, verifier, _read(params), None)
        except AssayError as error:
            raise CommandError(str(error)) from None
        if wait and presence.any_alive():
            while scoring.goes_on:
                time.sleep(POLL_SECONDS)
                scoring.refresh_from_db()
        elif wait:
            asyncio.run(_work(scoring))
        scoring.refresh_from_db()
        self.stdout.write(as_json(scoring) if json else as_text(scoring))
        if wait and scoring.state != Scoring.State.COMPLETED:
            raise CommandError(f"The scoring is {scoring.state}. {scoring.reason}".strip())


async def _work(scoring: Scoring) -> None:
    """A worker in this process until the scoring has ended or is held up, or Ctrl-C."""
    worker = new_worker()
    stop_on_signals(worker)
    watching = asyncio.create_task(_watch(scoring, worker))
    try:
        await worker.run()
    finally:
        watching.cancel()


async def _watch(scoring: Scoring, worker: Worker) -> None:
    while scoring.goes_on:
        await asyncio.sleep(POLL_SECONDS)
        await worker.database.run(scoring.refresh_from_db)
    worker.stop()


def _read(params: str) -> dict:
    try:
        found = json.loads(params)
    except ValueError as error:
        raise CommandError(f"--params is not JSON: {error}") from None
    if not isinstance(found, dict):
        raise CommandError('--params must be an object of options, such as {"draws": 3, "temperature": 0.7}.')
    return found


def as_json(scoring: Scoring) -> str:
    standing = next(each for each in verifier_standings(scoring.run) if each.key == scoring.key)
    return json.dumps(
        {
            "run": scoring.run_id,
            "scoring": scoring.pk,
            "verifier": scoring.key,
            "state": scoring.state,
            "reason": scoring.reason,
            "answers": standing.answers,
            "scored": standing.scored,
            "missing": standing.missing,
            "prompt_tokens": standing.spent.prompt_tokens,
            "completion_tokens": standing.spent.completion_tokens,
            "cost": standing.spent.cost,
            "cautions": standing.cautions,
        }
    )


def as_text(scoring: Scoring) -> str:
    standing = next(each for each in verifier_standings(scoring.run) if each.key == scoring.key)
    head = f"run {scoring.run_id} by {scoring.key}, {scoring.state}: {standing.seen:,} of {standing.answers:,} answers"
    return "\n".join([head, *standing.cautions])
