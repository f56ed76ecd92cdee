"""Lists in pages by key: the page after a million rows costs what the first one costs."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import QueryDict


@dataclass(frozen=True)
class KeyPage:
    """`rows` newest first; `older` is the key for the next page's `?before=`, None on the last page."""

    rows: list[Any]
    older: int | None
    is_first: bool


class _Before(forms.Form):
    before = forms.IntegerField(min_value=1, max_value=2**53, required=False)


def page_by_key(queryset: QuerySet, query: QueryDict, size: int = 50) -> KeyPage:
    """The page that `?before=<id>` asks for; an unreadable key shows the first page."""
    form = _Before(query)
    before = form.cleaned_data["before"] if form.is_valid() else None
    wanted = queryset.order_by("-pk") if before is None else queryset.filter(pk__lt=before).order_by("-pk")
    rows = list(wanted[: size + 1])
    older = rows[size - 1].pk if len(rows) > size else None
    return KeyPage(rows[:size], older, before is None)
