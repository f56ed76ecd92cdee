"""Names that Celery's settings and our tasks share."""

#: The queue for what any machine can do.
ERRANDS = "errands"
#: The tasks.
WORK = "assay.work"
PLACE = "assay.place"
ERRAND = "assay.errand"


def errands_of(queue: str) -> str:
    """Beside a queue of batches, the one for errands to the same machines, which take them however busy they are."""
    return queue if queue == ERRANDS else f"{queue}.{ERRANDS}"
