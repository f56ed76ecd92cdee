"""An OpenAI-compatible endpoint that answers sums and writes down every request: `python -m tests.grown.counting_endpoint`.

Arguments: address, port, seconds an answer takes, log. The log has one JSON object a line: `at` (seconds since the epoch),
`event` (`asked` or `answered`), `id` (also sent back as x-request-id), `question` and `host` (the asker's address).
"""

import asyncio
import itertools
import json
import sys
import time
from pathlib import Path


class Endpoint:
    """Answers each connection's requests in turn."""

    def __init__(self, seconds: float, log: Path):
        self._seconds = seconds
        self._log = log.open("a", buffering=1)
        self._numbers = itertools.count(1)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        host = writer.get_extra_info("peername")[0]
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
                body = json.loads(await reader.readexactly(int(length.partition(b":")[2])))
                await self._answer(body["messages"][-1]["content"], host, writer)
        except (asyncio.IncompleteReadError, ConnectionError, TimeoutError):
            writer.close()

    async def _answer(self, question: str, host: str, writer: asyncio.StreamWriter) -> None:
        number = f"r{next(self._numbers)}"
        self._note("asked", number, question, host)
        await asyncio.sleep(self._seconds)
        total = sum(int(word) for word in question.split() if word.isdigit())
        events = [
            {"choices": [{"index": 0, "delta": {"content": f"The answer is {total}."}, "finish_reason": None}]},
            {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]},
            {"choices": [], "usage": {"prompt_tokens": 12, "completion_tokens": 5}},
        ]
        stream = b"".join(b"data: %s\n\n" % json.dumps(event).encode() for event in events) + b"data: [DONE]\n\n"
        lines = (
            "HTTP/1.1 200 OK",
            "Content-Type: text/event-stream",
            f"Content-Length: {len(stream)}",
            f"x-request-id: {number}",
        )
        writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + stream)
        await writer.drain()
        self._note("answered", number, question, host)

    def _note(self, event: str, number: str, question: str, host: str) -> None:
        entry = {"at": time.time(), "event": event, "id": number, "question": question, "host": host}
        self._log.write(json.dumps(entry) + "\n")


async def main(address: str, port: str, seconds: str, log: str) -> None:
    server = await asyncio.start_server(Endpoint(float(seconds), Path(log)).serve, address, int(port), backlog=1024)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
