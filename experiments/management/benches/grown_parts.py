"""One part of the grown benchmark, in a process whose settings name PostgreSQL and Redis: `python -m … PART` prints its rows."""

import json
import os
import sys
from collections.abc import Callable, Iterator

import django


def main(part: str) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "webapp.settings")
    django.setup()
    print(json.dumps([vars(row) for row in _parts()[part]()]))


def _parts() -> dict[str, Callable[[], Iterator]]:
    """Imported once Django is set up."""
    from . import Row
    from .grown_scaling import scaling
    from .live import watched
    from .scratch import scratch_database
    from .sizes import sizes
    from .store_reading import reading
    from .web import of_a_million

    def sockets() -> Iterator[Row]:
        with scratch_database() as folder:
            yield from watched(folder, sockets=500, servers=2)

    def pages() -> Iterator[Row]:
        with scratch_database() as folder:
            yield from of_a_million(folder)
            yield from sizes("80 characters")

    def exports() -> Iterator[Row]:
        with scratch_database():
            yield from reading()
            yield from sizes("400 characters and 128 logprobs")

    return {"scaling": scaling, "sockets": sockets, "pages": pages, "exports": exports}


if __name__ == "__main__":
    main(sys.argv[1])
