"""Draws of one prompt that are asked for in the same moment leave together, as one call for several answers."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass, field

from ..base import Generation
from .tries import Member

# Draws of one attempt are asked for within one turn of the event loop; a call takes a hundred times as long as this.
_MOMENT_SECONDS = 0.01


@dataclass(eq=False)
class _Party:
    """Those that leave together."""

    members: list[Member] = field(default_factory=list)
    asking: asyncio.Task[None] | None = None

    @property
    def is_given_up(self) -> bool:
        return all(member.answer.done() for member in self.members)


class Gathering:
    """Parties of up to `most`. `ask` settles the answers of all its members, or raises what then holds for all of them."""

    def __init__(self, most: int, ask: Callable[[list[Member]], Awaitable[None]]):
        self._most = most
        self._ask = ask
        self._open: dict[Hashable, _Party] = {}

    async def join(self, group: Hashable, member: Member) -> Generation:
        """The member's answer. Cancelling the last of a party stops its call."""
        party = self._open.get(group)
        if party is None:
            party = self._open[group] = _Party()
            party.asking = asyncio.create_task(self._leave(group, party))
        party.members.append(member)
        if len(party.members) == self._most:
            del self._open[group]
        try:
            return await member.answer
        except asyncio.CancelledError:
            if party.is_given_up:
                party.asking.cancel()
                await asyncio.gather(party.asking, return_exceptions=True)
            raise

    async def _leave(self, group: Hashable, party: _Party) -> None:
        try:
            await asyncio.sleep(_MOMENT_SECONDS)
            if self._open.get(group) is party:
                del self._open[group]
            await self._ask([member for member in party.members if not member.answer.done()])
        except Exception as error:
            for member in party.members:
                if not member.answer.done():
                    member.answer.set_exception(error)
        finally:
            if self._open.get(group) is party:
                del self._open[group]
            for member in party.members:
                member.answer.cancel()  # changes nothing where there is an answer
