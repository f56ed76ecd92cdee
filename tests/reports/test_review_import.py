"""Taking filled-in files in: what is new, changed and in conflict is told first; what is wrong is told by place; never half."""

import io
import zipfile

import pytest
from openpyxl import Workbook

from experiments.domain.errors import InvalidInput
from experiments.models import HumanVerdict, ReviewFile, ReviewSet
from experiments.reports.review_export import export_review
from experiments.reports.review_import import plan_import, take_in
from experiments.reports.review_reading import LARGEST_FILE, UnreadableFile
from experiments.reports.review_sets import read_rubric
from experiments.reports.review_verdicts import give, undo
from tests.factories import make_user
from tests.reports.reviewing import finished_runs, make_review_set, say
from tests.reports.spreadsheets import cells_of, filled_csv, filled_xlsx

pytestmark = pytest.mark.django_db


@pytest.fixture
def review_set() -> ReviewSet:
    return make_review_set(finished_runs((1,)), shown={"rubric": read_rubric("Clarity: 1-5")})


@pytest.fixture
def exported(review_set) -> bytes:
    return export_review(review_set, "ann", "csv")


def answered(content: bytes, *verdicts: str, **cells: str) -> bytes:
    """The rows with these verdicts, in their order, and the same further cells."""
    rest = iter(verdicts)
    return filled_csv(content, lambda row: row.update(verdict=next(rest, ""), **cells))


def test_new_changed_unchanged_and_empty_rows_are_told_apart(review_set):
    say(review_set, "ann", "correct", "wrong")
    content = answered(export_review(review_set, "ann", "csv"), "correct", "unsure", "wrong")
    plan = plan_import(review_set, content)
    assert plan.counts == {"new": 1, "changed": 1, "conflicts": 0, "unchanged": 1, "empty": 1, "absent": 0}
    assert (plan.changed[0].before, plan.changed[0].before_source, plan.changed[0].row) == ("wrong", "review page", 3)
    assert plan.reviewer == "ann"
    assert review_set.verdicts().count() == 2


def test_a_correction_is_a_new_row_and_the_newest_counts(review_set, exported):
    take_in(review_set, answered(exported, "correct"), file_name="a.csv", user=make_user())
    again = answered(export_review(review_set, "ann", "csv"), "wrong")
    take_in(review_set, again, file_name="b.csv", user=make_user())
    assert list(review_set.verdicts().values_list("verdict", "file__name")) == [("correct", "a.csv"), ("wrong", "b.csv")]
    assert [each.verdict for each in review_set.verdicts().current()] == ["wrong"]


def test_a_verdict_given_on_the_page_since_the_export_is_a_conflict_that_somebody_decides(review_set, exported):
    user = make_user(name="ann")
    give(review_set.items.order_by("position")[0], user, "unsure")
    content = answered(exported, "correct", "wrong")
    plan = plan_import(review_set, content)
    assert ([change.row for change in plan.conflicts], [change.row for change in plan.new]) == ([2], [3])
    take_in(review_set, content, file_name="a.csv", user=user)
    assert [each.verdict for each in review_set.verdicts().current().order_by("item__position")] == ["unsure", "wrong"]
    file, _ = take_in(review_set, content, file_name="a.csv", user=user, takes_conflicts=True)
    assert [each.verdict for each in review_set.verdicts().current().order_by("item__position")] == ["correct", "wrong"]
    assert (file.counts["conflicts_taken"], file.counts["unchanged"]) == (1, 1)


def test_a_verdict_taken_back_since_the_export_is_a_conflict_too(review_set):
    user = make_user(name="ann")
    give(review_set.items.order_by("position")[0], user, "unsure")
    exported = export_review(review_set, "ann", "csv")
    undo(review_set, user)
    assert [change.before for change in plan_import(review_set, exported).conflicts] == ["taken back"]


def test_what_others_say_otherwise_is_told_and_both_are_kept(review_set, exported):
    say(review_set, "ben", "wrong", "correct")
    content = answered(exported, "correct", "correct")
    plan = plan_import(review_set, content)
    assert [change.differs for change in plan.disagreements] == [[("ben", "wrong")]]
    take_in(review_set, content, file_name="a.csv", user=make_user())
    assert sorted(review_set.verdicts().current().values_list("reviewer", "verdict")) == [
        ("ann", "correct"),
        ("ann", "correct"),
        ("ben", "correct"),
        ("ben", "wrong"),
    ]


def test_a_file_of_another_name_is_taken_in_for_the_reviewer_who_was_named(review_set, exported):
    say(review_set, "ben", "wrong")
    plan = plan_import(review_set, answered(exported, "correct", "correct"), "ben")
    assert ([change.row for change in plan.conflicts], [change.row for change in plan.new]) == ([2], [3])


def test_a_plan_that_no_longer_holds_is_not_carried_out(review_set, exported):
    content, user = answered(exported, "correct"), make_user(name="ann")
    fingerprint = plan_import(review_set, content).fingerprint
    give(review_set.items.order_by("position")[0], user, "wrong")
    with pytest.raises(InvalidInput, match="since this was shown"):
        take_in(review_set, content, file_name="a.csv", user=user, fingerprint=fingerprint)
    assert not ReviewFile.objects.exists()


def test_rows_may_be_sorted_and_left_out(review_set, exported):
    header, *rows = answered(exported, "correct", "wrong", "unsure", "wrong").splitlines(keepends=True)
    plan = plan_import(review_set, header + b"".join(sorted(rows, reverse=True)[:3]))
    assert (plan.counts["new"], plan.counts["absent"]) == (3, 1)
    expected = {int(row["item"]): row["verdict"] for row in cells_of(header + b"".join(rows))}
    assert all(expected[change.item] == change.verdict for change in plan.new)


def renamed(content: bytes, old: bytes, new: bytes) -> bytes:
    header, rest = content.split(b"\r\n", 1)
    return header.replace(old, new) + b"\r\n" + rest


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda content: renamed(content, b"item", b"number"), "Row 1: there is no column “item”. The file has review"),
        (lambda content: renamed(content, b"verdict", b"verdcit"), "there is no column “verdict”"),
        (lambda content: renamed(content, b"revision", b"item"), "Row 1: two columns are called “item”"),
        (lambda content: answered(content, "correct", item="999999"), "column item: “999999” is no item of this review set"),
        (lambda content: answered(content, "correct", item="x1"), "Row 2, column item: “x1” is no item"),
        (lambda content: answered(content, "correct", item=""), "Row 2, column item: the id is missing"),
        (lambda content: answered(content, "correct", review_set="77"), "The file belongs to review set 77"),
        (lambda content: answered(content, "correct", "maybe"), "Row 3, column verdict: “maybe” is no verdict. Write one of"),
        (lambda content: answered(content, "=A1"), "Row 2, column verdict: a formula, =A1"),
        (lambda content: answered(content, "wrong", note="=1+1"), "Row 2, column note: a formula, =1+1"),
        (lambda content: answered(content, note="why?"), "Row 2, column verdict: there is a note or a score, but no verdict"),
        (lambda content: answered(content, "wrong", score_clarity="6"), "Row 2: 6 is not on the scale of “Clarity”"),
        (lambda content: answered(content, "wrong", score_clarity="good"), "column score_clarity: “good” is no whole number"),
        (lambda content: answered(content, "wrong", reviewer=""), "does not name its reviewer"),
        (lambda content: content + content.split(b"\r\n", 1)[1], "stands there 2 times"),
        (lambda content: content.split(b"\r\n")[0], "no rows below it"),
        (lambda content: b"\xef\xbb\xbf \r\n", "Row 1 is empty"),
        (lambda content: b"", "The file is empty"),
        (lambda content: b"x" * (LARGEST_FILE + 1), "at most 30 MB are read"),
        (lambda content: content + b'"open', "Is a quote missing or left open"),
        (lambda content: content + b"1,2,3,4,5,6,7,8,9,10,11,12\r\n", "Row 6 has 12 cells, but there are 11 columns"),
        (lambda content: b"\xd0\xcf\x11\xe0 old", "old Excel file"),
        (lambda content: b"PK\x03\x04 broken", "begins like a workbook, but it cannot be read"),
        (lambda content: b"\xff\xfei\x00t\x00e", "is damaged"),
        (lambda content: content.decode("utf-8-sig").encode() + b"\x81\x8d", "neither UTF-8, UTF-16 nor Windows-1252"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_by_its_place_and_nothing_is_taken_in(review_set, exported, spoil, words):
    with pytest.raises(UnreadableFile) as caught:
        take_in(review_set, spoil(exported), file_name="a.csv", user=make_user())
    assert words in str(caught.value)
    assert not HumanVerdict.objects.exists()
    assert not ReviewFile.objects.exists()


def test_two_verdicts_for_one_text_name_both_rows(review_set, exported):
    first = review_set.items.order_by("position").first().pk
    content = filled_csv(exported, lambda row: row.update(item=str(first), problem="", verdict="wrong"))
    with pytest.raises(UnreadableFile, match=rf"Rows 2, 3, 4, 5: item {first} stands there 4 times, with “wrong”, “wrong”"):
        plan_import(review_set, content)


def test_zeros_before_an_id_make_it_no_other_item(review_set, exported):
    first = review_set.items.order_by("position").first().pk
    zeros = iter(["", "0", "00", "000"])
    content = filled_csv(exported, lambda row: row.update(item=f"{next(zeros)}{first}", problem="", verdict="wrong"))
    with pytest.raises(UnreadableFile, match="stands there 4 times"):
        plan_import(review_set, content)


def test_all_troubles_are_told_at_once(review_set, exported):
    with pytest.raises(UnreadableFile) as caught:
        plan_import(review_set, answered(exported, "maybe", "correct", "perhaps"))
    assert [trouble[:5] for trouble in caught.value.troubles] == ["Row 2", "Row 4"]


def test_ids_beside_another_problem_are_refused(review_set, exported):
    items = [row["item"] for row in cells_of(exported)][::-1]
    shifted = filled_csv(exported, lambda row: row.update(item=items.pop(0), verdict="correct"))
    with pytest.raises(UnreadableFile, match="Were the columns sorted one by one"):
        plan_import(review_set, shifted)


def test_keys_that_a_spreadsheet_rewrote_are_passed_over(review_set, exported):
    plan = plan_import(review_set, filled_csv(exported, lambda row: row.update(problem="01/02/26", verdict="correct")))
    assert len(plan.new) == 4


def test_columns_that_are_not_read_are_named(review_set, exported):
    content = filled_csv(exported, lambda row: row.update(verdict="correct"))
    lines = content.split(b"\r\n")
    wider = b"\r\n".join(line + (b",my_column" if not number else b",x") for number, line in enumerate(lines) if line)
    assert plan_import(review_set, wider).unread_columns == ("my_column",)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda sheet, columns: sheet.cell(2, columns["verdict"], "=B2"), "Cell I2, column verdict: a formula, =B2"),
        (lambda sheet, columns: sheet.cell(3, columns["note"], "=1+1"), "Cell K3, column note: a formula, =1"),
        (lambda sheet, columns: sheet.merge_cells("I2:I3"), "Merged cells hide which row a verdict belongs to: I2:I3"),
        (lambda sheet, columns: sheet.delete_cols(2), "there is no column “item”"),
        (lambda sheet, columns: sheet.cell(2, columns["verdict"], True), "Row 2, column verdict: “True” is no verdict"),
        (lambda sheet, columns: sheet.cell(2, columns["item"], 1.5), "“1.5” is no item"),
    ],
)
def test_a_workbook_with_formulas_or_merged_cells_is_refused(review_set, change, words):
    content = filled_xlsx(export_review(review_set, "ann", "xlsx"), change)
    with pytest.raises(UnreadableFile, match=words):
        take_in(review_set, content, file_name="a.xlsx", user=make_user())
    assert not ReviewFile.objects.exists()


def packed(**parts: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as zipped:
        for name, content in parts.items():
            zipped.writestr(name, content)
    return out.getvalue()


def test_other_zips_and_bombs_are_refused(review_set):
    with pytest.raises(UnreadableFile, match="OpenDocument"):
        plan_import(review_set, packed(mimetype=b"application/vnd.oasis.opendocument.spreadsheet"))
    with pytest.raises(UnreadableFile, match="unpacks to 301 MB"):
        plan_import(review_set, packed(bomb=bytes(301_000_000)))
    with pytest.raises(UnreadableFile, match="cannot be read"):
        plan_import(review_set, packed(text=b"no workbook"))


def test_the_sheet_with_the_items_is_found_wherever_it_stands(review_set):
    def move(sheet, columns):
        sheet.cell(2, columns["verdict"], "correct")
        sheet.parent.move_sheet(sheet, 1)

    content = filled_xlsx(export_review(review_set, "ann", "xlsx"), move)
    assert len(plan_import(review_set, content).new) == 1
    blank = io.BytesIO()
    Workbook().save(blank)
    with pytest.raises(UnreadableFile, match="Row 1 is empty"):
        plan_import(review_set, blank.getvalue())
