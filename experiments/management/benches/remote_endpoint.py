"""A fast endpoint for the remote benchmark, in a process of its own: `python -m experiments.management.benches.remote_endpoint`.

The model's name says how it behaves: "steady" answers after 200 ms; "limited" also allows 50 calls in any second and
turns the others away without a hint; "silent" never answers. Prints its port.
"""

import asyncio
import json
from collections import deque

SECONDS_PER_CALL = 0.2
CALLS_PER_SECOND = 50

_PIECES = [{"choices": [{"index": 0, "delta": {"content": f"word {i} "}, "finish_reason": None}]} for i in range(4)]
_LAST = [
    {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]},
    {"choices": [], "usage": {"prompt_tokens": 12, "completion_tokens": 8}},
]
_STREAM = b"".join(b"data: %s\n\n" % json.dumps(event).encode() for event in _PIECES + _LAST) + b"data: [DONE]\n\n"
_ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: %d\r\n\r\n%s" % (len(_STREAM), _STREAM)
_TOO_MANY = b'{"error": {"message": "slow down"}}'
_REJECTION = b"HTTP/1.1 429 Too Many Requests\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (
    len(_TOO_MANY),
    _TOO_MANY,
)


class Endpoint:
    """Answers one connection's requests in turn."""

    def __init__(self):
        self._accepted_at: deque[float] = deque()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
                body = await reader.readexactly(int(length.partition(b":")[2]))
                writer.write(await self._answer(json.loads(body)["model"]))
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    async def _answer(self, model: str) -> bytes:
        if model == "limited" and not self._accepts():
            return _REJECTION
        await asyncio.sleep(SECONDS_PER_CALL if model != "silent" else 3600)
        return _ANSWER

    def _accepts(self) -> bool:
        now = asyncio.get_running_loop().time()
        while self._accepted_at and self._accepted_at[0] <= now - 1:
            self._accepted_at.popleft()
        if len(self._accepted_at) >= CALLS_PER_SECOND:
            return False
        self._accepted_at.append(now)
        return True


async def main() -> None:
    server = await asyncio.start_server(Endpoint().serve, "127.0.0.1", 0, backlog=1024)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
