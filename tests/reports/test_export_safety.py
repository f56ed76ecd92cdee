"""What a spreadsheet would run is made harmless in CSV, and can be made exact again by the reader."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.reports.export_formats import export, neutralise
from tests.factories import make_run, make_sample


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+1+1",
        "-1+1",
        "@SUM(A1)",
        "\t=1",
        "\tharmless",
        "\rharmless",
        " =1",
        "\n=1",
        "\u00a0=1",  # no-break space
        "\u200b=1",  # zero-width space
        "\ufeff=1",  # byte-order mark
        "\u2060 \u200d=1",  # word joiner, blank, zero-width joiner
        "\x00=1",
        "＝1",  # full-width, which some spreadsheets read as the plain one
        "＋1",
        "－1",
        "＠SUM(A1)",
        "-",
        "-5 apples",
        "+5-3",
        "-5\n=1",
        "=cmd|' /C calc'!A0",
    ],
)
def test_a_cell_that_could_run_begins_with_an_apostrophe(text):
    assert neutralise(text) == "'" + text


@pytest.mark.parametrize("text", ["", "3", "-5", "+5", "-0.25", "a=1", "The answer is -5.", "$=", "\n", "1+1", "{“a”: 1}"])
def test_other_text_and_plain_numbers_stay_as_they_are(text):
    assert neutralise(text) == text


@given(st.text(alphabet=st.one_of(st.sampled_from("'=+-@\t\r\n ,\"\u200b0"), st.characters(exclude_categories=["Cs"]))))
def test_taking_one_apostrophe_away_gives_the_exact_text_back_also_through_a_file(text):
    out = io.StringIO(newline="")
    csv.writer(out).writerow(["before", neutralise(text), "after"])
    [[before, cell, after]] = csv.reader(io.StringIO(out.getvalue(), newline=""))
    assert (before, cell.removeprefix("'"), after) == ("before", text, "after")
    assert cell[:1] not in ("=", "@", "\t", "\r")


@pytest.mark.django_db
def test_every_text_column_is_neutralised_and_numbers_stay_numbers():
    run = make_run(name="=experiment")
    attempt = run.attempts.first()
    sample = make_sample(attempt, text="@text", verdict=None, error="+error", seed=-3, mean_logprob=-0.5)
    grader = run.config["grader"]["key"]
    sample.grades.create(
        run=run, grader=grader, verdict="wrong", score=0, extracted="-5", canonical="=canonical", explanation="\twhy"
    )
    text = b"".join(export(run, "csv")).decode()
    [row] = csv.DictReader(io.StringIO(text, newline=""))
    assert row["experiment"] == "'=experiment"
    assert row["text"] == "'@text"
    assert row["error"] == "'+error"
    assert row["canonical"] == "'=canonical"
    assert row["explanation"] == "'\twhy"
    assert row["extracted"] == "-5"
    assert row["seed"] == "-3"
    assert row["mean_logprob"] == "-0.5"
