"""`manage.py worker`: work on runs until told to stop. Several may work at once, also on several machines."""

import asyncio

from celery import current_app
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from experiments.management.starting import wait_until_ready
from experiments.management.working import new_worker, stop_on_signals
from experiments.runner import placing


class Command(BaseCommand):
    help = "Work on runs until Ctrl-C or SIGTERM; what is stored is never asked for again."

    def add_arguments(self, parser) -> None:
        parser.add_argument("--until-idle", action="store_true", help="stop when no run is left to work on")

        parser.add_argument("--queues", help="serve these queues only, such as “local.*,errands”; ASSAY_QUEUES says the same")

    def handle(self, *, until_idle: bool, queues: str | None, **options) -> None:
        if until_idle and placing.is_on():
            raise CommandError("--until-idle is for workers that look for work by themselves: leave ASSAY_BROKER_URL empty.")
        wait_until_ready()
        if not placing.is_on():
            asyncio.run(work(until_idle))
            return
        if queues:
            settings.ASSAY_QUEUES = queues.split(",")
        # Workers need not know of one another: the database tells who is alive.
        alone = ["--without-mingle", "--without-gossip", "--without-heartbeat"]
        current_app.worker_main(["--quiet", "worker", "--loglevel", "WARNING", *alone])


async def work(until_idle: bool) -> None:
    worker = new_worker(until_idle=until_idle)
    stop_on_signals(worker)
    await worker.run()
