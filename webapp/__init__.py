"""Celery's app is known wherever Django runs, so that pages can place work too."""

from .celery import app as celery_app

__all__ = ["celery_app"]
