"""`manage.py worker`: work on runs until told to stop. Several may work at once, also on several machines."""

import asyncio

from django.core.management.base import BaseCommand

from experiments.management.working import new_worker, stop_on_signals


class Command(BaseCommand):
    help = "Work on runs until Ctrl-C or SIGTERM; what is stored is never asked for again."

    def add_arguments(self, parser) -> None:
        parser.add_argument("--until-idle", action="store_true", help="stop when no run is left to work on")

    def handle(self, *, until_idle: bool, **options) -> None:
        asyncio.run(work(until_idle))


async def work(until_idle: bool) -> None:
    worker = new_worker(until_idle=until_idle)
    stop_on_signals(worker)
    await worker.run()
