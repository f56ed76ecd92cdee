"""Celery, where ASSAY_BROKER_URL names a broker: `manage.py worker` and `celery --app webapp.celery beat`."""

import os

from celery import Celery
from celery.signals import setup_logging, worker_init

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "webapp.settings")

app = Celery("assay")
app.config_from_object("webapp.celery_settings")
app.autodiscover_tasks(["experiments.runner"])


@setup_logging.connect
def _logging_is_djangos(**_) -> None:
    """Celery sets nothing up of its own where this is connected."""


@worker_init.connect
def _host(**_) -> None:
    """Only in a worker: this loads what works on runs."""
    from experiments.management import placed_work

    placed_work.host_worker(app)
