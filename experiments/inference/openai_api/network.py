"""The way out: only to addresses that may be asked, and never more bytes than wanted.

A name is looked up once per connection and the address that was checked is the one connected to, so a name that
answers differently the second time (DNS rebinding) gains nothing. Redirects are not followed by whoever uses this.
"""

import asyncio
import ipaddress
import socket
import urllib.request
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import httpcore2
import httpx2

from ...domain.errors import PermanentInferenceError
from .sockets import connect

_NAT64 = ipaddress.ip_network("64:ff9b::/96")


class ForbiddenAddress(PermanentInferenceError):
    """The endpoint's name leads to an address inside a private network, and nobody allowed that."""


class TooMuch(Exception):
    """The response is larger than allowed, or compressed although that was not asked for."""


class GuardedTransport(httpx2.AsyncHTTPTransport):
    """HTTP/1.1 over connections to public addresses, or to any with `allow_private`. Through a proxy if one is given."""

    def __init__(self, *, allow_private: bool, max_connections: int, max_response_bytes: int, proxy: str | None = None):
        limits = httpx2.Limits(max_connections=max_connections, max_keepalive_connections=max_connections)
        super().__init__(verify=True, limits=limits, proxy=proxy)
        # httpx2 offers no parameter for it. Through a proxy it is the proxy that connects; an operator who set one in
        # the environment vouches for its address, and the endpoint's own is checked before each request instead.
        self._names = None if proxy is None else _Names(allow_private)
        if proxy is None:
            self._pool._network_backend = _GuardedBackend(_Names(allow_private))
        self._max_response_bytes = max_response_bytes

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        if self._names:
            await self._names.check_if_known(request.url.host, request.url.port or 443)
        response = await super().handle_async_request(request)
        if response.headers.get("content-encoding", "identity").lower() != "identity":
            await response.aclose()
            raise TooMuch("it is compressed, which was not asked for")
        response.stream = _Bounded(response.stream, self._max_response_bytes)
        return response


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

    def __init__(self, stream: httpx2.AsyncByteStream, most: int):
        self._stream = stream
        self._left = most
        self._most = most

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for part in self._stream:
            self._left -= len(part)
            if self._left < 0:
                raise TooMuch(f"it is larger than {self._most / 1e6:g} MB")
            yield part

    async def aclose(self) -> None:
        await self._stream.aclose()


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
