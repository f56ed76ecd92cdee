"""The way out: only to addresses that may be asked, and never more bytes than wanted.

A name is looked up once per connection and the address that was checked is the one connected to, so a name that
answers differently the second time (DNS rebinding) gains nothing. Redirects are not followed by whoever uses this.
"""

import asyncio
import ipaddress
import socket
import urllib.request
from collections.abc import AsyncIterator, Callable
from urllib.parse import urlsplit

import httpcore2
import httpx2

from ...domain.errors import PermanentInferenceError
from .sockets import connect

# An idle connection is not used again after this long: many servers close theirs about then.
_KEPT_SECONDS = 5.0
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


class ForbiddenAddress(PermanentInferenceError):
    """The endpoint's name leads to an address inside a private network, and nobody allowed that."""


class TooMuch(Exception):
    """The response is larger than allowed, or compressed although that was not asked for."""


class GuardedTransport(httpx2.AsyncBaseTransport):
    """HTTP/1.1 over connections to public addresses, or to any with `allow_private`. Through a proxy if one is given.

    Each connection is a pool of its own and the one used last is used next: the library's pool looks through all its
    connections for each request, twice.
    """

    def __init__(self, *, allow_private: bool, max_response_bytes: int, proxy: str | None = None):
        self._names = _Names(allow_private)
        self._proxy = proxy
        self._max_response_bytes = max_response_bytes
        self._tls = httpx2.create_ssl_context()
        self._connections: list[httpx2.AsyncHTTPTransport] = []
        self._idle: list[httpx2.AsyncHTTPTransport] = []

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        if self._proxy:
            # It is the proxy that connects. An operator who set one vouches for its address, not for the endpoint's.
            await self._names.check_if_known(request.url.host, request.url.port or 443)
        connection = self._idle.pop() if self._idle else self._new_connection()
        try:
            response = await connection.handle_async_request(request)
        except BaseException:
            self._idle.append(connection)
            raise
        response.stream = _Bounded(response.stream, self._max_response_bytes, lambda: self._idle.append(connection))
        if response.headers.get("content-encoding", "identity").lower() != "identity":
            await response.aclose()
            raise TooMuch("it is compressed, which was not asked for")
        return response

    async def aclose(self) -> None:
        await asyncio.gather(*(connection.aclose() for connection in self._connections))

    def _new_connection(self) -> httpx2.AsyncHTTPTransport:
        limits = httpx2.Limits(max_connections=1, max_keepalive_connections=1, keepalive_expiry=_KEPT_SECONDS)
        connection = httpx2.AsyncHTTPTransport(verify=self._tls, limits=limits, proxy=self._proxy)
        if not self._proxy:
            connection._pool._network_backend = _GuardedBackend(self._names)  # httpx2 has no parameter for it
        self._connections.append(connection)
        return connection


def proxy_for(url: str) -> str | None:
    """The proxy that the environment names for this address. This machine itself is never asked through one."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if host == "localhost" or _is_loopback(host) or urllib.request.proxy_bypass(host):
        return None
    proxies = urllib.request.getproxies()
    return proxies.get(parts.scheme) or proxies.get("all")


def is_public(address: str) -> bool:
    """Whether an IP address belongs to the public internet, also where an IPv4 address hides inside an IPv6 one."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        inside = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if ip in _NAT64:
            inside = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        ip = inside or ip
    return ip.is_global and not ip.is_multicast and not ip.is_reserved


class _Names:
    """Looks names up and keeps only the addresses that may be asked."""

    def __init__(self, allow_private: bool):
        self._allow_private = allow_private

    async def addresses(self, host: str, port: int) -> list[str]:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
        addresses = list(dict.fromkeys(info[4][0] for info in found))
        allowed = [address for address in addresses if self._allow_private or is_public(address)]
        if not allowed:
            raise ForbiddenAddress(
                f"“{host}” leads to {', '.join(addresses)}, an address inside a private network. "
                "An administrator can allow this address."
            )
        return allowed

    async def check_if_known(self, host: str, port: int) -> None:
        """A name that only the proxy can look up passes."""
        try:
            await self.addresses(host, port)
        except socket.gaierror:
            return


class _GuardedBackend(httpcore2.AsyncNetworkBackend):
    """Connects to the very addresses that were checked, in the order the system prefers them."""

    def __init__(self, names: _Names):
        self._names = names

    async def connect_tcp(self, host, port, timeout=None, local_address=None, socket_options=None):
        try:
            addresses = await asyncio.wait_for(self._names.addresses(host, port), timeout)
        except socket.gaierror as error:
            raise httpcore2.ConnectError(f"the name “{host}” cannot be looked up ({error.strerror})") from error
        except TimeoutError as error:
            raise httpcore2.ConnectTimeout(f"looking up the name “{host}” took too long") from error
        for address in addresses[:-1]:
            try:
                return await connect(address, port, timeout)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout):
                continue
        return await connect(addresses[-1], port, timeout)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class _Bounded(httpx2.AsyncByteStream):
    """A response's bytes, up to a limit. Counted here, so that bodies of error responses are bounded too."""

    def __init__(self, stream: httpx2.AsyncByteStream, most: int, when_closed: Callable[[], None]):
        self._stream = stream
        self._left = most
        self._most = most
        self._when_closed: Callable[[], None] | None = when_closed

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for part in self._stream:
            self._left -= len(part)
            if self._left < 0:
                raise TooMuch(f"it is larger than {self._most / 1e6:g} MB")
            yield part

    async def aclose(self) -> None:
        try:
            await self._stream.aclose()
        finally:
            if self._when_closed:
                self._when_closed()
                self._when_closed = None


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
