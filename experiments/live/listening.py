"""PostgreSQL says which runs have news, over one connection per web process, and nobody has to ask many times a second."""

import asyncio
import logging
from collections.abc import Callable

import psycopg
from django.db import connection

from ..models.news import CHANNEL

# A cut line says nothing; asking now and then finds out.
SECONDS_BETWEEN_PINGS = 10.0
LONGEST_ANSWER_SECONDS = 5.0
RETRY_SECONDS = 1.0

log = logging.getLogger(__name__)


class Listener:
    """Calls `heard` with the number of a run that changed, or with None where it may have been any.

    It connects again by itself. While `is_listening` is False nobody says anything, and one has to look.
    """

    def __init__(self, heard: Callable[[int | None], None]):
        self.is_listening = False
        self._heard = heard
        self._task = asyncio.create_task(self._run(), name="listen for news of runs")

    def stop(self) -> None:
        self._task.cancel()

    async def _run(self) -> None:
        while connection.vendor == "postgresql":
            try:
                await self._listen()
            except (OSError, psycopg.Error) as error:
                if self.is_listening:
                    log.warning("Nothing is heard from the database, looking instead until it answers: %s", error)
                self.is_listening = False
                self._heard(None)
            await asyncio.sleep(RETRY_SECONDS)

    async def _listen(self) -> None:
        parameters = connection.get_connection_params()
        # Those are for Django's own cursors.
        own = {name: value for name, value in parameters.items() if name not in ("context", "cursor_factory")}
        async with await psycopg.AsyncConnection.connect(**own, autocommit=True) as listening:
            await listening.execute(f"LISTEN {CHANNEL}")
            self.is_listening = True
            # What happened before nobody heard.
            self._heard(None)
            while True:
                async for word in listening.notifies(timeout=SECONDS_BETWEEN_PINGS):
                    self._heard(int(word.payload))
                async with asyncio.timeout(LONGEST_ANSWER_SECONDS):
                    await listening.execute("SELECT 1")
