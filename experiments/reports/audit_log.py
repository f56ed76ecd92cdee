"""The audit log for reading: who may read what of it, and as a file."""

import csv
import json
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from django.utils import timezone

from ..models import AuditEntry, Team, User
from .export_formats import neutralise

COLUMNS = ("id", "at", "who", "action", "about_kind", "about_id", "about", "run", "team", "details", "address")
_CHUNK = 2000


def readable_by(user: User):
    """All of it for an administrator; for a lead what was done with their team's things."""
    if user.can_administer:
        return AuditEntry.objects.all()
    return AuditEntry.objects.filter(team__in=Team.objects.led_by(user).values("pk"))


def reads_any(user: User) -> bool:
    return user.can_administer or Team.objects.led_by(user).exists()


def of_day(entries, day: date):
    """Those of that day in the lab's time zone; by bounds, so that the index serves."""
    midnight = timezone.make_aware(datetime.combine(day, time.min))
    return entries.filter(at__gte=midnight, at__lt=timezone.make_aware(datetime.combine(day + timedelta(days=1), time.min)))


def as_csv(entries) -> Iterator[bytes]:
    """Line by line, the newest first."""
    line = _Line()
    writer = csv.writer(line)
    writer.writerow(COLUMNS)
    yield line.text.encode()
    for each in entries.select_related("team").order_by("-pk").iterator(chunk_size=_CHUNK):
        details = json.dumps(each.details, ensure_ascii=False, sort_keys=True) if each.details else ""
        about = (each.about_kind, each.about_id, each.about_label, each.run_id, str(each.team or ""))
        row = (each.pk, each.at.isoformat(), each.who, each.action, *about, details, each.address)
        writer.writerow([neutralise(value) if isinstance(value, str) else value for value in row])
        yield line.text.encode()


class _Line:
    """What the writer wrote last."""

    text = ""

    def write(self, text: str) -> None:
        self.text = text
