"""A review set from what somebody wishes, whole or not at all."""

import re

from django.db import transaction

from ..domain.errors import InvalidInput
from ..models import ReviewItem, ReviewSet, User
from .review_choosing import Wish, choose

MOST_CRITERIA = 9
_CRITERION = re.compile(r"(?P<title>[^:]+?)\s*(?::\s*(?P<low>\d)\s*(?:-|–|to)\s*(?P<high>\d))?\s*\Z")


def create_review_set(wish: Wish, *, name: str, user: User | None, **shown) -> ReviewSet:
    """`shown` are further fields of the set: instructions, rubric, is_blind, shows_target, is_timed. Raises InvalidInput."""
    chosen = choose(wish, user)
    with transaction.atomic():
        review_set = ReviewSet.objects.create(
            name=name,
            kind=ReviewSet.Kind.PAIRS if wish.is_pairwise else ReviewSet.Kind.SINGLE,
            conditions=list(dict.fromkeys(wish.conditions)),
            choice={
                "how": wish.how,
                "texts_per_attempt": wish.texts_per_attempt,
                "at_most": wish.at_most,
                "n_found": chosen.n_found,
            },
            seed=wish.seed,
            created_by=user,
            **shown,
        )
        ReviewItem.objects.bulk_create(
            ReviewItem(review_set=review_set, position=position, sample_id=sample, other_id=other)
            for position, (sample, other) in enumerate(chosen.items)
        )
    return review_set


def read_rubric(text: str) -> list[dict]:
    """Criteria out of lines such as "Clarity: 1-5"; without a scale it is 1 to 5. Raises InvalidInput naming the line."""
    criteria = []
    for number, line in enumerate(filter(None, map(str.strip, text.splitlines())), start=1):
        found = _CRITERION.match(line)
        if found is None:
            raise InvalidInput(f"Line {number} of the rubric, “{line}”, is no criterion. Write it as “Clarity: 1-5”.")
        low, high = int(found["low"] or 1), int(found["high"] or 5)
        if low >= high:
            raise InvalidInput(f"Line {number} of the rubric: the scale must go up, and {low} to {high} does not.")
        title = found["title"]
        key = re.sub(r"[^a-z0-9]+", "_", title.lower()).strip("_") or f"criterion_{number}"
        if any(key == other["key"] for other in criteria):
            raise InvalidInput(f"Line {number} of the rubric repeats “{title}”: give each criterion a name of its own.")
        criteria.append({"key": key, "title": title, "low": low, "high": high})
    if len(criteria) > MOST_CRITERIA:
        raise InvalidInput(f"{len(criteria)} criteria are too many to keep in mind: at most {MOST_CRITERIA}.")
    return criteria
