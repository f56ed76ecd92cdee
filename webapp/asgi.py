"""HTTP through Django, sockets through Channels with Host, Origin and login checked at the handshake; both watched."""

import os

from django.core.asgi import get_asgi_application

from .refusing import settings_or_exit

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "webapp.settings")
settings_or_exit()
django_application = get_asgi_application()

from channels.auth import AuthMiddlewareStack  # noqa: E402  (needs Django set up)
from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402
from django.urls import get_resolver  # noqa: E402

from experiments.live.handshake import OwnPagesOnly  # noqa: E402
from experiments.live.urls import websocket_urlpatterns  # noqa: E402
from experiments.live.watching import Watched  # noqa: E402

from .lifespan import lifespan  # noqa: E402

# Everything behind the pages is loaded before the port opens: the first request would hold up the event loop for it.
get_resolver().url_patterns  # noqa: B018

application = Watched(
    ProtocolTypeRouter(
        {
            "http": django_application,
            "lifespan": lifespan,
            "websocket": OwnPagesOnly(AuthMiddlewareStack(URLRouter(websocket_urlpatterns))),
        }
    )
)
