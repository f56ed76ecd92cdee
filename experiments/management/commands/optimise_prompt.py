"""`manage.py optimise_prompt EXPERIMENT --optimiser NAME`: search a system prompt whose replies a program can use."""

import asyncio
import time

from django.core.management.base import BaseCommand, CommandError

from experiments.domain.errors import AssayError
from experiments.management.working import new_worker, stop_on_signals
from experiments.models import Experiment, LanguageModel, Run
from experiments.runner import presence
from experiments.runner.optimising import Search, Sizes

POLL_SECONDS = 0.2


class Command(BaseCommand):
    help = (
        "Let a language model improve the system prompt of an experiment with the grader “JSON contract”. Everything asked is an "
        "ordinary run with its costs; begun again, the search goes on where it was. Accepted prompts are stored as variants; "
        "give the last one to the study of structured output as its optimised prompt."
    )

    def add_arguments(self, parser) -> None:
        parser.add_argument("experiment", help="its name; it has one language model, the target, and one prompt variant")
        parser.add_argument("--optimiser", required=True, help="name of the language model that writes the prompts")
        parser.add_argument(
            "--seed", type=int, default=0, help="of the split into TRAIN, VAL and TEST; another is another search"
        )
        parser.add_argument("--batch", type=int, default=Sizes.train, help="TRAIN problems a round")
        parser.add_argument("--val", type=int, default=Sizes.val, help="problems that decide whether a prompt is accepted")
        parser.add_argument("--test", type=int, default=Sizes.test, help="problems asked once at the end")
        parser.add_argument("--rounds", type=int, default=Sizes.rounds, help="at most")

    def handle(self, *, experiment, optimiser, seed, batch, val, test, rounds, **options) -> None:
        if min(batch, val, test, rounds) < 1:
            raise CommandError("--batch, --val, --test and --rounds are at least 1.")
        found = Experiment.objects.filter(name=experiment).first()
        if found is None:
            raise CommandError(f"There is no experiment “{experiment}”.")
        writer = LanguageModel.objects.filter(name=optimiser).first()
        if writer is None:
            raise CommandError(f"There is no language model “{optimiser}”.")
        try:
            best = Search(found, writer, finish, self.stdout.write, seed, Sizes(batch, val, test, rounds)).run()
        except AssayError as error:
            raise CommandError(str(error)) from None
        self.stdout.write(f"{best}:\n{best.system}")


def finish(run: Run) -> None:
    """Until the run has ended or is held up: another worker does it where there is one."""
    if presence.any_alive():
        while run.goes_on:
            time.sleep(POLL_SECONDS)
            run.refresh_from_db()
    else:
        asyncio.run(_work(run))


async def _work(run: Run) -> None:
    worker = new_worker()
    stop_on_signals(worker)
    watching = asyncio.create_task(_watch(run, worker))
    try:
        await worker.run()
    finally:
        watching.cancel()


async def _watch(run: Run, worker) -> None:
    while run.goes_on:
        await asyncio.sleep(POLL_SECONDS)
        await worker.database.run(run.refresh_from_db)
    worker.stop()
