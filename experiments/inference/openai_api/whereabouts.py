"""Where a base URL leads, before anything is sent there: for whoever saves it. Each connection checks again for itself."""

import ipaddress
import socket
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from urllib.parse import urlsplit

from .network import is_public, proxy_for

_SECONDS = 3.0


@dataclass(frozen=True)
class Whereabouts:
    """`private` are the addresses inside private networks that the host leads to, or the host itself; `note` is for reading."""

    private: tuple[str, ...] = ()
    note: str = ""


def look_up(base_url: str) -> Whereabouts:
    """Ask the system's resolver, for a few seconds at most."""
    host = (urlsplit(base_url).hostname or "").lower()
    try:
        ipaddress.ip_address(host)
    except ValueError:
        if "." not in host or host.endswith((".localhost", ".local", ".internal", ".lan")):
            return Whereabouts((host,))
    else:
        return Whereabouts(() if is_public(host) else (host,))
    found = _addresses(host)
    if found is None and not proxy_for(base_url):
        return Whereabouts(
            note=f"“{host}” cannot be looked up now. Whether it lies inside a private network will show when it is asked."
        )
    return Whereabouts(tuple(address for address in found or () if not is_public(address)))


def _addresses(host: str) -> list[str] | None:
    """None where the name has no address, or none in time."""
    resolver = ThreadPoolExecutor(1)
    try:
        found = resolver.submit(socket.getaddrinfo, host, None, type=socket.SOCK_STREAM).result(_SECONDS)
    except (OSError, UnicodeError, TimeoutError):
        return None
    finally:
        resolver.shutdown(wait=False)
    return list(dict.fromkeys(info[4][0] for info in found))
