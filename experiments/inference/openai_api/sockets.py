"""Connections for httpcore straight from asyncio.

httpcore's own, over anyio, hand the turn to other calls at every write and read, so that answers that came together
leave together: with 64 calls at once each then waits for all the others, round after round.
"""

import asyncio
import ssl
from typing import Any

import httpcore2


async def connect(host: str, port: int, timeout: float | None) -> "Connection":
    """An open connection. Raises httpcore's ConnectTimeout and ConnectError."""
    try:
        async with asyncio.timeout(timeout):
            return Connection(*await asyncio.open_connection(host, port))
    except TimeoutError as error:
        raise httpcore2.ConnectTimeout(f"no connection within {timeout:g} seconds") from error
    except OSError as error:
        raise httpcore2.ConnectError(error.strerror or str(error)) from error


class Connection(httpcore2.AsyncNetworkStream):
    """One TCP connection, with TLS once `start_tls` was called."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter):
        self._reader = reader
        self._writer = writer

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        try:
            async with asyncio.timeout(timeout):
                return await self._reader.read(max_bytes)
        except TimeoutError as error:
            raise httpcore2.ReadTimeout() from error
        except OSError as error:
            raise httpcore2.ReadError(str(error)) from error

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        try:
            self._writer.write(buffer)
            async with asyncio.timeout(timeout):
                await self._writer.drain()
        except TimeoutError as error:
            raise httpcore2.WriteTimeout() from error
        except OSError as error:
            raise httpcore2.WriteError(str(error)) from error

    async def aclose(self) -> None:
        self._writer.close()

    async def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> "Connection":
        try:
            async with asyncio.timeout(timeout):
                await self._writer.start_tls(ssl_context, server_hostname=server_hostname)
        except TimeoutError as error:
            self._writer.close()
            raise httpcore2.ConnectTimeout("no secure connection in time") from error
        except OSError as error:
            self._writer.close()
            raise httpcore2.ConnectError(str(error)) from error
        return self

    def get_extra_info(self, info: str) -> Any:
        match info:
            case "is_readable":  # asked of an idle connection: has the other side closed it?
                return self._reader.at_eof()
            case "server_addr":
                return self._writer.get_extra_info("peername")
            case "client_addr":
                return self._writer.get_extra_info("sockname")
        return self._writer.get_extra_info(info)
