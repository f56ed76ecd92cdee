"""A trace of every request handed to a language model: the witness that nothing stored is ever asked for again."""

import json
import os
import time


def append(attempt: str, key: tuple[str, int], seed: int) -> None:
    """Add one JSON line to the file named by ASSAY_REQUEST_LOG; without that setting nothing happens.

    The line is written with a single O_APPEND write before the request is dispatched, so that lines of several
    processes never mix and a process killed a moment later has still left its trace.
    """
    # Imported late: the local engine's child process imports this package and must start without Django.
    from django.conf import settings

    if not settings.ASSAY_REQUEST_LOG:
        return
    request_hash, occurrence = key
    entry = {
        "time": time.time(),
        "pid": os.getpid(),
        "attempt": attempt,
        "request_hash": request_hash,
        "occurrence": occurrence,
        "seed": seed,
    }
    descriptor = os.open(settings.ASSAY_REQUEST_LOG, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    try:
        os.write(descriptor, json.dumps(entry).encode() + b"\n")
    finally:
        os.close(descriptor)
