"""Names that Celery's settings and our tasks share."""

#: The queue for what any machine can do.
ERRANDS = "errands"
#: Every worker listens to this one: whoever has a moment places the work of all.
PLACING = "placing"
#: The tasks.
WORK = "assay.work"
PLACE = "assay.place"
ERRAND = "assay.errand"


def errands_of(queue: str) -> str:
    """Beside a queue of batches, the one for errands to the same machines, which take them however busy they are."""
    return queue if queue == ERRANDS else f"{queue}.{ERRANDS}"
