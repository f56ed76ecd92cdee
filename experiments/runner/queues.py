"""Names that Celery's settings and our tasks share."""

#: The queue for what any machine can do.
ERRANDS = "errands"
#: The tasks.
WORK = "assay.work"
PLACE = "assay.place"
