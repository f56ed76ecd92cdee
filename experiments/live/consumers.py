"""The socket of a run page. It holds no rules: who may come in, and then whatever the follower says."""

import asyncio
import logging
from urllib.parse import parse_qs

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer

from ..models import Run
from ..reports.changes import Cursor
from .follower import follow

NOT_SIGNED_IN = 4401
NO_SUCH_RUN = 4404

log = logging.getLogger(__name__)


class RunConsumer(AsyncWebsocketConsumer):
    """`ws/runs/<pk>/?cursor=…`: what the page has missed since its cursor, then every change as it happens."""

    _sending: asyncio.Task | None = None

    async def connect(self) -> None:
        run_id = self.scope["url_route"]["kwargs"]["pk"]
        if not self.scope["user"].is_authenticated:
            return await self.close(code=NOT_SIGNED_IN)
        if not await database_sync_to_async(_may_see)(self.scope["user"], run_id):
            return await self.close(code=NO_SUCH_RUN)
        await self.accept()
        query = parse_qs(self.scope["query_string"].decode(errors="replace"))
        cursor = Cursor.parse(query.get("cursor", [""])[0])
        self._sending = asyncio.create_task(self._send_messages(run_id, cursor))

    async def disconnect(self, code: int) -> None:
        if self._sending:
            self._sending.cancel()

    async def _send_messages(self, run_id: int, cursor: Cursor | None) -> None:
        # Subscribing comes before reading what was missed: the two overlap and leave no gap.
        try:
            async with follow(run_id) as subscription:
                async for message in subscription.messages(cursor):
                    await self.send(text_data=message.text)
        except OSError:
            pass  # the reader left while we were sending; `disconnect` follows
        except Exception:
            # The page reconnects with its cursor and goes on.
            log.exception("The socket of run %s failed", run_id)
            await self.close(code=1011)


def _may_see(user, run_id: int) -> bool:
    """Whether there is such a run for the user."""
    return Run.objects.visible_to(user).filter(pk=run_id).exists()
