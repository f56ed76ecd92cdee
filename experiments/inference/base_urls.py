"""One spelling for each endpoint's address, so that what is bound to it cannot be had by another spelling."""

import hashlib
from urllib.parse import urlsplit

from ..domain.errors import InvalidInput
from .redaction import redact


def normal_url(url: str) -> str:
    """Scheme, host, port and path in one spelling. Raises InvalidInput for what cannot be a base URL."""
    try:
        parts = urlsplit(url.strip())
        host, port = (parts.hostname or "").rstrip("."), parts.port
        host = host if host.isascii() else host.encode("idna").decode()
    except ValueError:
        raise InvalidInput(f"“{redact(url)}” is not an address. Example: https://api.openai.com/v1") from None
    if parts.scheme not in ("http", "https") or not host:
        raise InvalidInput(f"“{redact(url)}” is not an address that begins with http:// or https:// and names a host.")
    if parts.username is not None or parts.password is not None:
        raise InvalidInput("The base URL contains a user name or password. Leave them out and store the key as a key.")
    if parts.query or parts.fragment:
        raise InvalidInput("The base URL must end with its path, without ? and #.")
    host = f"[{host}]" if ":" in host else host
    usual = {"http": 80, "https": 443}[parts.scheme]
    return f"{parts.scheme}://{host}{'' if port in (None, usual) else f':{port}'}{parts.path.rstrip('/')}"


def endpoint_queue(base_url: str) -> str:
    """The name of the queue for what this endpoint is asked: its host, to be read, and a few letters that tell paths apart."""
    host = urlsplit(base_url).netloc.replace(":", "-")
    return f"endpoint.{host}.{hashlib.sha256(base_url.encode()).hexdigest()[:6]}"
