"""What the rows of a filled-in file say, each checked; what cannot be taken in is told by row and column."""

from collections import defaultdict

from ..domain.errors import InvalidInput
from ..models import HumanVerdict, ReviewItem, ReviewSet
from .export_formats import neutralise
from .review_columns import SCORE
from .review_reading import Row, Table, UnreadableFile, restored
from .review_verdicts import checked

LONGEST_NAME = HumanVerdict._meta.get_field("reviewer").max_length


def check_columns(table: Table, review_set: ReviewSet) -> None:
    """Raises UnreadableFile where a column is missing or the file belongs to another review set."""
    wanted = ["item", "verdict"]
    missing = [name for name in wanted if name not in table.columns]
    if missing:
        found = ", ".join(table.columns[:20])
        raise UnreadableFile(
            f"Row 1: there is no column “{missing[0]}”. The file has {found}. Keep the header of the exported file as it is."
        )
    others = {row.cells.get("review_set") for row in table.rows} - {None, "", str(review_set.pk)}
    if others:
        raise UnreadableFile(f"The file belongs to review set {', '.join(sorted(others))}; this is review set {review_set.pk}.")


def reviewer_of(table: Table, wished: str) -> str:
    """The name that was given, or else the only one that the file names. Raises UnreadableFile."""
    named = sorted({restored(row.cells.get("reviewer", "")) for row in table.rows} - {""})
    if not wished and len(named) != 1:
        what = f"names {len(named)} reviewers" if named else "does not name its reviewer"
        raise UnreadableFile(f"The column “reviewer” {what}. Say whose verdicts these are.")
    name = wished or named[0]
    if len(name) > LONGEST_NAME:
        raise UnreadableFile(f"The reviewer's name has {len(name)} characters; at most {LONGEST_NAME} are kept.")
    return name


def repeated(table: Table) -> list[str]:
    """A sentence for each item that stands in several rows."""
    rows = defaultdict(list)
    for row in table.rows:
        if item := row.cells.get("item"):
            rows[item.lstrip("0")].append(row)
    return [
        f"Rows {', '.join(str(row.number) for row in found)}: item {item} stands there {len(found)} times, with "
        f"“{'”, “'.join(row.cells.get('verdict', '') or 'no verdict' for row in found)}”. Keep one row."
        for item, found in rows.items()
        if len(found) > 1
    ]


def item_of(row: Row, items: dict[int, ReviewItem]) -> ReviewItem:
    """Raises InvalidInput for a number that is none of them."""
    given = row.cells.get("item", "")
    if not given:
        raise InvalidInput(f"Row {row.number}, column item: the id is missing.")
    item = items.get(int(given)) if given.isdecimal() and len(given) < 19 else None
    if item is None:
        raise InvalidInput(f"Row {row.number}, column item: “{given[:40]}” is no item of this review set.")
    return item


def problem_keys(items: dict[int, ReviewItem]) -> set[str]:
    """The keys of the items' problems, as they may stand in a file."""
    return {form for item in items.values() for form in _forms(item.sample.attempt.problem.key)}


def check_place(row: Row, item: ReviewItem, keys: set[str]) -> None:
    """Raises InvalidInput where the id stands beside another item's problem: a column sorted by itself shifts every verdict.

    `keys` are all that `problem_keys` finds. What is none of them is passed over, for spreadsheets rewrite keys that look
    like numbers or dates.
    """
    given, key = _plain(row.cells.get("problem", "")), item.sample.attempt.problem.key
    if given in _forms(key) or given not in keys:
        return
    raise InvalidInput(
        f"Row {row.number}, column problem: item {item.pk} is about “{key}”, but stands beside “{given[:60]}”. Were the "
        "columns sorted one by one?"
    )


def _forms(key: str) -> tuple[str, str]:
    """How the problem's key may stand in a file."""
    return _plain(key), _plain(neutralise(key))


def _plain(text: str) -> str:
    """Encodings that lack a letter write “?” for it."""
    return text.strip().encode("ascii", "replace").decode()


def said_in(row: Row, review_set: ReviewSet) -> tuple[str, str, dict[str, int]] | None:
    """What the row says, None where it is not filled in. Raises InvalidInput naming row and column."""
    verdict, note = row.cells.get("verdict", ""), row.cells.get("note", "")
    scores = {each["key"]: row.cells.get(SCORE + each["key"], "") for each in review_set.rubric}
    for name, cell in {"verdict": verdict, "note": note, **{SCORE + key: cell for key, cell in scores.items()}}.items():
        if cell.startswith("="):
            raise InvalidInput(f"Row {row.number}, column {name}: a formula, {cell[:60]}. Write its result, or ' before it.")
    for key, cell in scores.items():
        if cell and not cell.isdecimal():
            raise InvalidInput(f"Row {row.number}, column {SCORE}{key}: “{cell[:40]}” is no whole number.")
    if not verdict:
        if note or any(scores.values()):
            raise InvalidInput(
                f"Row {row.number}, column verdict: there is a note or a score, but no verdict. Write one of "
                f"{', '.join(review_set.allowed_verdicts)}."
            )
        return None
    if verdict.lower() not in review_set.allowed_verdicts:
        allowed = ", ".join(review_set.allowed_verdicts)
        raise InvalidInput(f"Row {row.number}, column verdict: “{verdict[:40]}” is no verdict. Write one of {allowed}.")
    try:
        return checked(review_set, verdict.lower(), restored(note), {key: int(cell) for key, cell in scores.items() if cell})
    except InvalidInput as error:
        raise InvalidInput(f"Row {row.number}: {error}") from None
