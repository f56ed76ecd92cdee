"""The store: how fast a large run is shown and exported."""

from collections.abc import Iterator

from . import Row, bench
from .scratch import scratch_database
from .store_reading import reading


@bench("store")
def store() -> Iterator[Row]:
    """A run with 100,000 stored samples: its page and its exports."""
    with scratch_database():
        yield from reading()
