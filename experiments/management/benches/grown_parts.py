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
    from experiments.models import Call, Grade, Sample, VerifierScore

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
            yield from sizes("its call", [Call])

    def exports() -> Iterator[Row]:
        with scratch_database():
            yield from reading()
            yield from sizes("text of 400 characters, 128 logprobs, grade, score", [Sample, Grade, VerifierScore])

    return {"scaling": scaling, "sockets": sockets, "pages": pages, "exports": exports}


if __name__ == "__main__":
    main(sys.argv[1])
