"""Hands what comes to one port on to another: `python -m tests.grown.relay PORT TARGET`."""

import asyncio
import sys


async def hand_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while part := await reader.read(65536):
        writer.write(part)
        await writer.drain()
    writer.close()


async def main(port: str, target: str) -> None:
    async def relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there = await asyncio.open_connection("127.0.0.1", int(target))
        await asyncio.gather(hand_on(reader, there[1]), hand_on(there[0], writer), return_exceptions=True)

    server = await asyncio.start_server(relay, "127.0.0.1", int(port))
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
