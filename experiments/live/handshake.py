"""Who may open a socket: pages of this very site, asked for under a name that it goes by."""

from urllib.parse import urlsplit

from channels.security.websocket import WebsocketDenier
from django.conf import settings
from django.http.request import split_domain_port, validate_host


class OwnPagesOnly:
    """ASGI middleware. Browsers let any page open a socket to any host and send the cookies along, so it is for us to look.

    Channels' own check compares names only; another program's page on another port of the same machine would pass it.
    """

    def __init__(self, application):
        self.application = application

    async def __call__(self, scope, receive, send):
        headers = {name: value.decode("latin1") for name, value in scope["headers"]}
        is_own = comes_from_own_page(headers.get(b"origin", ""), headers.get(b"host", ""))
        return await (self.application if is_own else WebsocketDenier())(scope, receive, send)


def comes_from_own_page(origin: str, host: str) -> bool:
    """Whether the request's Host is a name of this site, and its Origin that host and port or a trusted one."""
    domain, _ = split_domain_port(host)
    if not validate_host(domain, settings.ALLOWED_HOSTS):
        return False
    return urlsplit(origin).netloc == host or origin in settings.CSRF_TRUSTED_ORIGINS
