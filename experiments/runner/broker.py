"""The broker, where there is one: does it answer, and how many messages wait in its queues?"""

from collections.abc import Iterable

from celery import current_app
from django.conf import settings
from kombu import Connection
from kombu.exceptions import ChannelError, KombuError

PATIENCE_SECONDS = 1.0
#: What a broker that is away raises, whatever its kind.
Unreachable = (KombuError, OSError)


def is_configured() -> bool:
    return bool(settings.ASSAY_BROKER_URL)


def ask() -> None:
    """Return once it has answered. Raises one of `Unreachable`."""
    with _connection() as broker:
        broker.ensure_connection(max_retries=1, interval_start=0, timeout=PATIENCE_SECONDS)


def lengths(queues: Iterable[str]) -> dict[str, int]:
    """Messages that wait, by queue; 0 for one that the broker does not know. Raises one of `Unreachable`."""
    with _connection() as broker:
        return {queue: _length(broker, queue) for queue in queues}


def _length(broker: Connection, queue: str) -> int:
    try:
        return broker.default_channel.queue_declare(queue=queue, passive=True).message_count
    except ChannelError:
        return 0


def _connection() -> Connection:
    options = {"socket_timeout": PATIENCE_SECONDS, "socket_connect_timeout": PATIENCE_SECONDS, "max_retries": 1}
    return current_app.connection_for_read(settings.ASSAY_BROKER_URL, connect_timeout=PATIENCE_SECONDS, transport_options=options)
