"""Review files: what is in them, what is hidden, and that they come back as they left, whatever wrote them."""

import io

import pytest
from openpyxl import load_workbook

from experiments.models import HumanVerdict, ReviewFile, ReviewSet
from experiments.reports.review_export import LONGEST_XLSX_CELL, export_review
from experiments.reports.review_import import plan_import, take_in
from experiments.reports.review_sets import read_rubric
from tests.factories import make_user
from tests.reports.reviewing import finished_runs, make_review_set, say
from tests.reports.spreadsheets import OFFICE, cells_of, converted, filled_csv, filled_xlsx

pytestmark = pytest.mark.django_db

#: What has gone wrong in spreadsheets: formulas, apostrophes, separators, quotes, lines, other alphabets, control characters.
TEXTS = [
    '=HYPERLINK("http://x")',
    "'quoted' from the start",
    "-5",
    '+1 and; more, "quotes"\tand a tab',
    "line one\nline two\r\nline three",
    "naïve – “Ω” 日本語 🙂",
    "\x07bell and \ufeffmark",
    "0012",
]
NOTES = ["=not a formula", "'tis", "-", 'a; b, c\tand "d"', "two\nlines", "é – Ω 日本 🙂", "", "007"]


@pytest.fixture
def review_set() -> ReviewSet:
    (run,) = finished_runs((1,), problems=len(TEXTS), n=1)
    for attempt, text in zip(run.attempts.all(), TEXTS, strict=True):
        attempt.samples.update(text=text)
    return make_review_set([run], shown={"rubric": read_rubric("Clarity: 1-5")})


def reviewed(review_set: ReviewSet, reviewer: str = "ann") -> list[tuple]:
    current = review_set.verdicts().filter(reviewer=reviewer).current().order_by("item__position")
    return list(current.values_list("item", "verdict", "note", "scores"))


def fully_said(review_set: ReviewSet) -> None:
    """Every item has a verdict, a score and one of the notes."""
    for number, item in enumerate(review_set.items.order_by("position")):
        HumanVerdict.objects.create(
            item=item,
            reviewer="ann",
            verdict=["correct", "wrong", "unsure"][number % 3],
            note=NOTES[number],
            scores={"clarity": number % 5 + 1} if number else {},
            source="page",
        )


def test_a_file_has_its_ids_first_and_what_is_filled_in_last(review_set):
    rows = cells_of(export_review(review_set, "ann", "csv"))
    columns = ["review_set", "item", "reviewer", "revision", "problem", "question", "choices", "text", "verdict"]
    assert list(rows[0]) == [*columns, "score_clarity", "note"]
    assert [int(row["item"]) for row in rows] == list(review_set.items.order_by("position").values_list("pk", flat=True))
    texts = {row["text"] for row in rows}
    assert "'" + TEXTS[0] in texts
    assert "'" + TEXTS[1] in texts
    assert "-5" in texts


@pytest.mark.parametrize("format", ["csv", "xlsx"])
def test_a_blind_file_holds_neither_condition_nor_verdict_nor_target(format):
    (run,) = finished_runs((1,))
    names = [run.conditions.get().label, run.conditions.get().language_model.name, "target", "grader"]
    for is_blind in (True, False):
        review_set = make_review_set([run], shown={"is_blind": is_blind, "shows_target": not is_blind})
        content = export_review(review_set, "ann", format)
        if format == "xlsx":
            book = load_workbook(io.BytesIO(content))
            content = repr([[cell.value for cell in row] for sheet in book for row in sheet.iter_rows()]).encode()
        assert all((name in content.decode()) is not is_blind for name in names)


def test_a_workbook_offers_the_verdicts_and_runs_no_text(review_set):
    book = load_workbook(io.BytesIO(export_review(review_set, "ann", "xlsx")))
    sheet = book.worksheets[0]
    assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)
    menus = {str(each.sqref): (each.type, each.formula1) for each in sheet.data_validations.dataValidation}
    assert menus == {"I2:I9": ("list", '"correct,wrong,unsure"'), "J2:J9": ("whole", "1")}


def test_a_text_too_long_for_a_workbook_says_where_the_rest_is(review_set):
    item = review_set.items.select_related("sample").first()
    item.sample.text = "x" * 40_000
    item.sample.save()
    sheet = load_workbook(io.BytesIO(export_review(review_set, "ann", "xlsx"))).worksheets[0]
    assert len(sheet["H2"].value) <= LONGEST_XLSX_CELL
    assert "40,000 characters; the CSV" in sheet["H2"].value


@pytest.mark.parametrize("format", ["csv", "xlsx"])
def test_what_was_exported_comes_back_without_a_change(review_set, format):
    fully_said(review_set)
    before = reviewed(review_set)
    content = export_review(review_set, "ann", format)
    assert plan_import(review_set, content).counts == {
        **dict.fromkeys(("new", "changed", "conflicts", "empty", "absent"), 0),
        "unchanged": 8,
    }
    review_set.verdicts().delete()
    content = filled_csv(content, lambda row: row.update(revision="")) if format == "csv" else content
    plan = take_in(review_set, content, file_name="back", user=make_user(), takes_conflicts=True)[1]
    assert (len(plan.new) + len(plan.conflicts), reviewed(review_set)) == (8, before)


VARIANTS = [
    {"separator": ";", "quoting": 1},
    {"separator": "\t", "encoding": "utf-16", "lineterminator": "\n"},
    {"separator": ";", "encoding": "utf-16-le"},
    {"encoding": "utf-8-sig", "quoting": 1, "lineterminator": "\r"},
    {"separator": "|", "quoting": 1, "lineterminator": "\r\n"},
]


@pytest.mark.parametrize("how", VARIANTS, ids=str)
def test_separators_quotes_encodings_and_line_ends_change_nothing(review_set, how):
    fully_said(review_set)
    expected = reviewed(review_set)
    content = filled_csv(export_review(review_set, "ann", "csv"), lambda row: row.update(revision=""), **how)
    review_set.verdicts().delete()
    take_in(review_set, content, file_name="x.csv", user=make_user())
    assert reviewed(review_set) == expected


def test_windows_1252_loses_only_the_letters_it_lacks(review_set):
    fully_said(review_set)
    expected = reviewed(review_set)
    content = filled_csv(
        export_review(review_set, "ann", "csv"), lambda row: row.update(revision=""), separator=";", encoding="cp1252"
    )
    review_set.verdicts().delete()
    take_in(review_set, content, file_name="x.csv", user=make_user())
    lacking = [(item, verdict, note.replace("Ω 日本 🙂", "? ?? ?"), scores) for item, verdict, note, scores in expected]
    assert reviewed(review_set) == lacking
    assert plan_import(review_set, content).note == "CSV with semicolons in Windows-1252"


def test_the_file_stays_known_with_every_verdict(review_set):
    user = make_user()
    content = filled_csv(export_review(review_set, "ann", "csv"), lambda row: row.update(verdict="Correct "))
    file, plan = take_in(review_set, content, file_name="ann.csv", user=user)
    assert ReviewFile.objects.get() == file
    assert (len(file.sha256), file.counts["new"], len(plan.new)) == (64, 8, 8)
    rows = review_set.verdicts().order_by("row").values_list("row", "source", "given_by", "file")
    assert list(rows) == [(row, "file", user.pk, file.pk) for row in range(2, 10)]


@pytest.mark.skipif(OFFICE is None, reason="LibreOffice is not installed")
def test_nothing_is_lost_or_shifted_on_the_way_through_libreoffice(review_set, tmp_path):
    """The workbook opened and saved by LibreOffice as XLSX, then as CSV with semicolons, all cells quoted, in UTF-16."""
    fully_said(review_set)
    workbook = export_review(review_set, "ann", "xlsx")
    saved = converted(workbook, "xlsx", "xlsx:Calc MS Excel 2007 XML", tmp_path)
    csv_utf16 = converted(saved, "xlsx", "csv:Text - txt - csv (StarCalc):59,34,65535,1,,0,true", tmp_path)
    csv_windows = converted(workbook, "xlsx", "csv:Text - txt - csv (StarCalc):59,34,1,1", tmp_path)
    from_csv = converted(
        export_review(review_set, "ann", "csv"), "csv", "csv:Text - txt - csv (StarCalc):9,34,76,1", tmp_path, "CSV:44,34,76,1"
    )
    assert csv_utf16.count(b"\0") > len(csv_utf16) / 3
    for content in (saved, csv_utf16):
        plan = plan_import(review_set, content)
        assert (plan.new, plan.changed, plan.conflicts, plan.n_unchanged) == ([], [], [], 8)
    # Windows-1252 lacks letters of one note; a CSV does not say that “007” is a text. Both are shown, and nothing else.
    assert [change.note[:5] for change in plan_import(review_set, csv_windows).changed] == ["é – ?"]
    assert [change.note for change in plan_import(review_set, from_csv).changed] == ["7"]


@pytest.mark.skipif(OFFICE is None, reason="LibreOffice is not installed")
def test_a_workbook_filled_in_is_read_the_same_after_libreoffice(review_set, tmp_path):
    def fill(sheet, columns):
        for row in range(2, 10):
            sheet.cell(row, columns["verdict"], ["correct", "wrong", "unsure"][row % 3])
            sheet.cell(row, columns["note"], f"note {row}")
            sheet.cell(row, columns["score_clarity"], row % 5 + 1)

    filled = filled_xlsx(export_review(review_set, "ann", "xlsx"), fill)
    content = converted(filled, "xlsx", "csv:Text - txt - csv (StarCalc):59,34,76,1", tmp_path)
    take_in(review_set, content, file_name="filled.csv", user=make_user())
    items = list(review_set.items.order_by("position").values_list("pk", flat=True))
    assert reviewed(review_set) == [
        (item, ["correct", "wrong", "unsure"][row % 3], f"note {row}", {"clarity": row % 5 + 1})
        for row, item in enumerate(items, start=2)
    ]


def test_every_reviewer_s_file_shows_only_what_that_one_said(review_set):
    say(review_set, "ann", "correct")
    assert [row["verdict"] for row in cells_of(export_review(review_set, "ben", "csv"))] == [""] * 8
    assert [row["verdict"] for row in cells_of(export_review(review_set, "ann", "csv"))] == ["correct", *[""] * 7]
