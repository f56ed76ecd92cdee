"""The store: how fast a worker fills it, and how fast a large run is shown and exported."""

from collections.abc import Iterator

from . import Row, bench
from .scratch import scratch_database
from .store_reading import reading
from .store_writing import writing


@bench("store")
def store() -> Iterator[Row]:
    """A worker's writer with a page watching; the page and the exports of a run with 100,000 stored samples."""
    with scratch_database() as folder:
        yield from writing(folder)
        yield from reading()
