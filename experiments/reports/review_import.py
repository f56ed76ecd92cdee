"""A filled-in file becomes verdicts: planned and shown first, then taken in whole or not at all."""

import hashlib
import json
from collections import defaultdict
from dataclasses import asdict, dataclass, field

from django.db import transaction

from ..domain.errors import InvalidInput
from ..models import HumanVerdict, ReviewFile, ReviewItem, ReviewSet, User
from .review_columns import SCORE
from .review_reading import Row, Table, UnreadableFile, read_table, restored
from .review_rows import check_columns, check_place, item_of, problem_keys, repeated, reviewer_of, said_in


@dataclass(frozen=True)
class Change:
    """A row that says something new. `before` is what the same reviewer said so far; `others` what other reviewers say."""

    row: int
    item: int
    problem: str
    verdict: str
    note: str
    scores: dict[str, int]
    before: str = ""
    before_source: str = ""
    others: tuple[tuple[str, str], ...] = ()

    @property
    def differs(self) -> list[tuple[str, str]]:
        """(reviewer, verdict) of the others who say something else."""
        return [(name, verdict) for name, verdict in self.others if verdict != self.verdict]


@dataclass(frozen=True)
class Plan:
    """What taking the file in would do. `conflicts` changed elsewhere since the file was made; a person decides on them."""

    reviewer: str
    note: str
    new: list[Change] = field(default_factory=list)
    changed: list[Change] = field(default_factory=list)
    conflicts: list[Change] = field(default_factory=list)
    n_unchanged: int = 0
    n_empty: int = 0
    n_absent: int = 0
    unread_columns: tuple[str, ...] = ()

    @property
    def disagreements(self) -> list[Change]:
        """Rows that another reviewer answers otherwise. Both verdicts are kept."""
        return [change for change in (*self.new, *self.changed, *self.conflicts) if change.differs]

    @property
    def counts(self) -> dict[str, int]:
        return {
            "new": len(self.new),
            "changed": len(self.changed),
            "conflicts": len(self.conflicts),
            "unchanged": self.n_unchanged,
            "empty": self.n_empty,
            "absent": self.n_absent,
        }

    @property
    def fingerprint(self) -> str:
        """Equal for plans that would do the same."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()


def plan_import(review_set: ReviewSet, content: bytes, reviewer: str = "") -> Plan:
    """`reviewer` overrules the file's own column. Raises UnreadableFile naming every row that cannot be taken in."""
    table = read_table(content)
    check_columns(table, review_set)
    if not table.rows:
        raise UnreadableFile("The file has its header, but no rows below it.")
    reviewer = reviewer_of(table, reviewer.strip())
    items = {item.pk: item for item in review_set.items.select_related("sample__attempt__problem").defer("sample__logprobs")}
    troubles, keys = repeated(table), problem_keys(items)
    said: list[tuple[Row, ReviewItem, tuple]] = []
    n_empty = 0
    for row in table.rows:
        try:
            item = item_of(row, items)
            check_place(row, item, keys)
            words = said_in(row, review_set)
        except InvalidInput as error:
            troubles.append(str(error))
            continue
        if words is None:
            n_empty += 1
        else:
            said.append((row, item, words))
    if troubles:
        raise UnreadableFile(*troubles)
    return _sorted(review_set, table, reviewer, said, n_empty, len(items) - len(table.rows))


@transaction.atomic
def take_in(
    review_set: ReviewSet,
    content: bytes,
    *,
    file_name: str,
    user: User,
    reviewer: str = "",
    takes_conflicts: bool = False,
    fingerprint: str | None = None,
) -> tuple[ReviewFile, Plan]:
    """Store the file's new and changed verdicts, and its conflicting ones if the file is to win.

    With the `fingerprint` of a plan that was shown, nothing else than that plan is done. Raises InvalidInput otherwise.
    """
    plan = plan_import(review_set, content, reviewer)
    if fingerprint is not None and plan.fingerprint != fingerprint:
        raise InvalidInput("Verdicts were given since this was shown. Look at the changes again before you take them in.")
    file = ReviewFile.objects.create(
        review_set=review_set,
        name=file_name[-255:],
        sha256=hashlib.sha256(content).hexdigest(),
        taken_in_by=user,
        counts=plan.counts | {"conflicts_taken": len(plan.conflicts) if takes_conflicts else 0},
    )
    changes = [*plan.new, *plan.changed, *(plan.conflicts if takes_conflicts else ())]
    HumanVerdict.objects.bulk_create(
        HumanVerdict(
            item_id=change.item,
            reviewer=plan.reviewer,
            verdict=change.verdict,
            note=change.note,
            scores=change.scores,
            source=HumanVerdict.Source.FILE,
            file=file,
            row=change.row,
            given_by=user,
        )
        for change in sorted(changes, key=lambda change: change.row)
    )
    return file, plan


def _sorted(
    review_set: ReviewSet, table: Table, reviewer: str, said: list[tuple[Row, ReviewItem, tuple]], n_empty: int, n_absent: int
) -> Plan:
    """Each row under what it does."""
    newest = {verdict.item_id: verdict for verdict in review_set.verdicts().filter(reviewer=reviewer).newest()}
    others = defaultdict(list)
    for verdict in review_set.verdicts().current().exclude(reviewer=reviewer).order_by("reviewer"):
        others[verdict.item_id].append((verdict.reviewer, str(verdict.verdict)))
    groups: dict[str, list[Change]] = {"new": [], "changed": [], "conflicts": []}
    n_unchanged = 0
    for row, item, (verdict, note, scores) in said:
        known = newest.get(item.pk)
        if known and known.says(verdict, note, scores):
            n_unchanged += 1
            continue
        change = Change(
            row.number,
            item.pk,
            item.sample.attempt.problem.key,
            str(verdict),
            note,
            scores,
            known.get_verdict_display() if known else "",
            known.get_source_display() if known else "",
            tuple(others[item.pk]),
        )
        # Numbers of somebody else's verdicts say nothing about what this reviewer had seen.
        is_own = restored(row.cells.get("reviewer", "")) == reviewer
        seen = row.cells.get("revision", "") if is_own else ""
        is_up_to_date = seen == (str(known.pk) if known else "")
        groups["conflicts" if not is_up_to_date else "changed" if known else "new"].append(change)
    read = {"review_set", "item", "reviewer", "revision", "problem", "verdict", "note"}
    read |= {SCORE + each["key"] for each in review_set.rubric}
    shown = {"question", "choices", "target", "text", "left", "right"}
    shown |= {f"{side}{name}" for side in ("", "left_", "right_") for name in ("condition", "grader_verdict")}
    unread = tuple(name for name in table.columns if name not in read | shown)
    return Plan(
        reviewer, table.note, **groups, n_unchanged=n_unchanged, n_empty=n_empty, n_absent=n_absent, unread_columns=unread
    )
