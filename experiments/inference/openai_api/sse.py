"""Server-sent events, as far as chat endpoints use them: the `data:` of each event, whatever the line ends."""

from collections.abc import AsyncIterable, AsyncIterator


async def events(parts: AsyncIterable[bytes]) -> AsyncIterator[bytes]:
    """The data of each event. Comments, which many endpoints send to keep the line open, come as empty ones.

    An event that the connection's end cut short is not one and is left out.
    """
    data: list[bytes] = []
    async for line in _lines(parts):
        if line.startswith(b"data:"):
            data.append(line[5:].removeprefix(b" "))
        elif line.startswith(b":"):
            yield b""
        elif not line and data:
            yield b"\n".join(data)
            data.clear()


async def _lines(parts: AsyncIterable[bytes]) -> AsyncIterator[bytes]:
    rest = bytearray()
    async for part in parts:
        *lines, last = part.split(b"\n")
        for line in lines:
            yield bytes(rest + line).rstrip(b"\r")
            rest.clear()
        rest += last
