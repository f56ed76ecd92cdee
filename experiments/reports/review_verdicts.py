"""Giving and taking back verdicts: the one way in for the page, files and the API."""

import re

from django.db.models import Count

from ..domain.errors import InvalidInput
from ..models import HumanVerdict, ReviewFile, ReviewItem, ReviewSet, User

LONGEST_NOTE = 10_000
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f]")


def clean_note(text: str) -> str:
    """As it is stored: lines end alike whatever the browser or the spreadsheet made of them, and no control characters."""
    return _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip()


def checked(review_set: ReviewSet, verdict: str, note: str, scores: dict[str, int | None]) -> tuple[str, str, dict[str, int]]:
    """What would be stored. Raises InvalidInput for what the set does not allow; scores of None are left out."""
    if verdict not in review_set.allowed_verdicts:
        raise InvalidInput(f"“{verdict}” is no verdict here. Allowed are {', '.join(review_set.allowed_verdicts)}.")
    note = clean_note(note)
    if len(note) > LONGEST_NOTE:
        raise InvalidInput(f"The note has {len(note):,} characters; at most {LONGEST_NOTE:,} are kept.")
    criteria = {each["key"]: each for each in review_set.rubric}
    given = {key: value for key, value in scores.items() if value is not None}
    for key, value in given.items():
        if key not in criteria:
            raise InvalidInput(f"The rubric has no criterion “{key}”. It has {', '.join(criteria) or 'none'}.")
        if not criteria[key]["low"] <= value <= criteria[key]["high"]:
            raise InvalidInput(
                f"{value} is not on the scale of “{criteria[key]['title']}”, which goes from {criteria[key]['low']} to "
                f"{criteria[key]['high']}."
            )
    return verdict, note, given


def give(
    item: ReviewItem,
    user: User,
    verdict: str,
    note: str = "",
    scores: dict[str, int | None] | None = None,
    *,
    seconds: float | None = None,
    source: str = HumanVerdict.Source.PAGE,
) -> HumanVerdict:
    """Store what the user says of the item; saying the same again stores nothing. Raises InvalidInput."""
    said = checked(item.review_set, verdict, note, scores or {})
    newest = HumanVerdict.objects.filter(item=item, reviewer=user.get_username()).order_by("-pk").first()
    if newest and newest.says(*said):
        return newest
    verdict, note, kept = said
    return HumanVerdict.objects.create(
        item=item,
        reviewer=user.get_username(),
        verdict=verdict,
        note=note,
        scores=kept,
        seconds=seconds,
        source=source,
        given_by=user,
    )


def undo(review_set: ReviewSet, user: User) -> ReviewItem | None:
    """Take back the newest verdict that the user gave on the page; its item, open again. None if there is none."""
    own = review_set.verdicts().filter(reviewer=user.get_username()).current()
    last = own.filter(source=HumanVerdict.Source.PAGE).order_by("-pk").select_related("item").first()
    if last is None:
        return None
    HumanVerdict.objects.create(
        item=last.item,
        reviewer=last.reviewer,
        verdict=HumanVerdict.Verdict.WITHDRAWN,
        source=HumanVerdict.Source.PAGE,
        given_by=user,
    )
    return last.item


def reviewers(review_set: ReviewSet) -> dict[str, int]:
    """Name -> how many items this reviewer has judged."""
    rows = review_set.verdicts().current().order_by().values_list("reviewer").annotate(n=Count("pk"))
    return dict(sorted(rows))


def next_open(review_set: ReviewSet, reviewer: str, after: int = -1) -> ReviewItem | None:
    """The first item after a position that the reviewer has not judged; then one from the beginning; None when all are."""
    judged = review_set.verdicts().current().filter(reviewer=reviewer).values("item")
    unjudged = review_set.items.exclude(pk__in=judged).order_by("position")
    return unjudged.filter(position__gt=after).first() or unjudged.first()


def files_of(review_set: ReviewSet) -> list[ReviewFile]:
    """Newest first."""
    return list(review_set.files.select_related("taken_in_by").order_by("-pk"))
