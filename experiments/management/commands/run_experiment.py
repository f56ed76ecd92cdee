"""`manage.py run_experiment NAME_OR_FILE --wait --json`: an experiment without a browser."""

import asyncio
import json
import time
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from experiments.domain.errors import AssayError
from experiments.management.experiment_files import load_experiment
from experiments.management.working import new_worker, stop_on_signals
from experiments.models import Experiment, Run
from experiments.runner import presence, presets
from experiments.runner.planning import create_run
from experiments.runner.worker import Worker

PROGRESS_SECONDS = 2
POLL_SECONDS = 0.2


class Command(BaseCommand):
    help = "Start a run; with --wait also work on it until it ends, unless another worker is there to do that."

    def add_arguments(self, parser) -> None:
        parser.add_argument(
            "experiment",
            help=f"a stored experiment's name, a JSON file that describes one, or one of: {', '.join(presets.names())}",
        )
        parser.add_argument("--wait", action="store_true", help="stay until the run has ended; progress goes to standard error")
        parser.add_argument("--json", action="store_true", help="print the result as one JSON object")

    def handle(self, *, experiment: str, wait: bool, json: bool, **options) -> None:
        try:
            # Together: a file whose experiment cannot be planned changes nothing.
            with transaction.atomic():
                run = create_run(find_experiment(experiment), user=None)
        except AssayError as error:
            raise CommandError(str(error)) from None
        if wait and presence.any_alive():
            self._follow(run)
        elif wait:
            asyncio.run(self._work(run))
        run.refresh_from_db()
        self.stdout.write(as_json(run) if json else as_text(run))
        if run.state == Run.State.FAILED or (wait and run.state != Run.State.COMPLETED):
            raise CommandError(f"Run {run.pk} is {run.state}. {run.reason}".strip())

    def _follow(self, run: Run) -> None:
        """Watch the run that another worker does; a paused one ends the wait."""
        reported_at = 0.0
        while run.goes_on:
            if time.monotonic() - reported_at > PROGRESS_SECONDS:
                reported_at = time.monotonic()
                self.stderr.write(progress(run))
            time.sleep(POLL_SECONDS)
            run.refresh_from_db()

    async def _work(self, run: Run) -> None:
        """A worker in this process until the run has ended, is paused, or Ctrl-C."""
        worker = new_worker()
        stop_on_signals(worker)
        watching = asyncio.create_task(self._watch(run, worker))
        try:
            await worker.run()
        finally:
            watching.cancel()

    async def _watch(self, run: Run, worker: Worker) -> None:
        reported_at = 0.0
        while run.goes_on:
            if time.monotonic() - reported_at > PROGRESS_SECONDS:
                reported_at = time.monotonic()
                self.stderr.write(progress(run))
            await asyncio.sleep(POLL_SECONDS)
            await worker.database.run(run.refresh_from_db)
        worker.stop()


def find_experiment(name_or_file: str) -> Experiment:
    """Raises InvalidInput for a file that cannot be used, CommandError for a name nobody knows."""
    found = Experiment.objects.filter(name=name_or_file).first()
    if found:
        return found
    if name_or_file in presets.names():
        return presets.load_preset(name_or_file)
    if Path(name_or_file).exists():
        return load_experiment(Path(name_or_file))
    known = ", ".join(Experiment.objects.filter(archived=False).values_list("name", flat=True)[:20])
    raise CommandError(f"There is no experiment and no file “{name_or_file}”. Known experiments: {known or 'none'}.")


def progress(run: Run) -> str:
    share = run.n_samples / run.n_samples_planned if run.n_samples_planned else 1
    return (
        f"run {run.pk} {run.state}: {run.n_samples} of {run.n_samples_planned} samples ({share:.0%}), "
        f"{run.n_attempts_done} of {run.n_attempts} attempts, {run.completion_tokens} tokens"
    )


def as_json(run: Run) -> str:
    findings = run.findings.order_by("position").values("key", "sentence", "estimates")
    result = {
        "run": run.pk,
        "state": run.state,
        "reason": run.reason,
        "attempts": run.n_attempts_done,
        "attempts_failed": run.n_attempts_failed,
        "samples": run.n_samples,
        "samples_failed": run.n_samples_failed,
        "seconds": round(run.busy_seconds, 3),
        "tokens": run.completion_tokens,
        "prompt_tokens": run.prompt_tokens,
        "calls": run.n_calls,
        "cost": run.cost,
        "findings": list(findings),
    }
    return json.dumps(result)


def as_text(run: Run) -> str:
    sentences = [finding.sentence for finding in run.findings.order_by("position")]
    return "\n".join([progress(run), *([run.reason] if run.reason else []), *sentences])
