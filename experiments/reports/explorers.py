"""The explorers of the runs looked at last, kept in this process, so that moving a slider loads nothing."""

from collections import OrderedDict
from datetime import datetime
from threading import Lock

from ..models import Run
from .exploring import Explorer

#: Samples whose arrays are kept, about 150 bytes each with their curves; the run looked at last is always kept.
MOST_SAMPLES = 1_000_000

#: By number and time of creation: after a restored backup another run may have the number.
_kept: OrderedDict[tuple[int, datetime], Explorer] = OrderedDict()
_lock = Lock()


def explorer_of(run: Run) -> Explorer:
    """The run's explorer as of now. Pass a run as just read: its counters tell whether there is anything new."""
    key = (run.pk, run.created_at)
    with _lock:
        explorer = _kept.pop(key, None) or Explorer(run)
        _kept[key] = explorer
    explorer.update(run)
    with _lock:
        kept = 0
        for other in reversed(list(_kept)):
            kept += _kept[other].n_samples
            if kept > MOST_SAMPLES and other != key:
                del _kept[other]
    return explorer
