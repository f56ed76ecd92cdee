import subprocess
import sys

import pytest

from experiments.domain.errors import SourceError
from experiments.sources.base import sources


@pytest.fixture
def file(tmp_path):
    def write(content: str | bytes) -> str:
        path = tmp_path / "problems.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return str(path)

    return write


def read(path: str, **params):
    return list(sources.build("csv", params).problems(path))


def refusal(path: str, **params) -> SourceError:
    with pytest.raises(SourceError) as caught:
        read(path, **params)
    return caught.value


def test_a_table_becomes_problems(file):
    first, second = read(file('id,question,answer,topic\r\n1,"What is\r\n1, plus 1?",2,sums\r\n\r\n2,"Say ""hi""",hi,talk\r\n'))
    assert (first.key, first.question, first.answers, first.metadata) == ("1", "What is\r\n1, plus 1?", ("2",), {"topic": "sums"})
    assert (second.key, second.question) == ("2", 'Say "hi"')


@pytest.mark.parametrize(("delimiter", "name"), [(",", "Comma"), (";", "Semicolon"), ("\t", "Tab")])
def test_the_delimiter_is_read_off_the_header(file, delimiter, name):
    path = file(f'question{delimiter}"an,sw;er"{delimiter}answer\n1{delimiter}x{delimiter}2\n')
    assert read(path)[0].answers == ("2",)
    assert sources.build("csv").preview(path).note == f"{name}-separated, UTF-8."


def test_a_delimiter_can_be_chosen(file):
    assert read(file("question;a,b,answer\n1;x,2,3\n"), delimiter=",", question_column="question;a")[0].question == "1;x"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_unicode_is_recognised(file, encoding):
    assert read(file("question,answer\nÜber?,ja\n".encode(encoding)))[0].question == "Über?"


def test_old_mac_line_ends_are_read(file):
    assert read(file("question,answer\r1,2\r"))[0].answers == ("2",)


def test_latin_1_is_refused_with_the_place_and_the_way_out(file):
    path = file("question,answer\n1+1,2\nWie heißt Köln?,Köln\n".encode("latin-1"))
    error = refusal(path)
    assert error.row == 3
    assert "Line 3: byte 30 of the file (0xDF, near “Wie heißt Köln?,Köln”) is not UTF-8" in str(error)
    assert "choose latin-1 or cp1252" in str(error)
    assert read(path, encoding="latin-1")[1].answers == ("Köln",)


def test_windows_characters_are_read_when_chosen(file):
    assert read(file("question,answer\n“why”,2 €\n".encode("cp1252")), encoding="cp1252")[0].answers == ("2 €",)


def test_half_a_utf_16_file_is_refused(file):
    assert "not in UTF-16" in str(refusal(file("question,answer\na,b\n".encode("utf-16")[:-1])))


def test_ragged_rows_name_the_line_where_they_begin(file):
    error = refusal(file('question,answer\n"two\nlines",2\n3,4,5\n'))
    assert error.row == 4
    assert "Line 4 has 3 cells, but the header names 2 columns" in str(error)
    assert refusal(file("question,answer\n3\n")).row == 2


def test_an_open_quote_is_named_by_its_line(file):
    error = refusal(file('question,answer\n1,2\n"3,4\n5,6\n'))
    assert error.row == 3
    assert "a quote is opened in this record and never closed" in str(error)


def test_a_stray_quote_is_named_by_its_line(file):
    error = refusal(file('question,answer\n"a" b,2\n'))
    assert error.row == 2
    assert "text follows a closing quote" in str(error)


def test_a_cell_that_is_far_too_long_is_refused(file):
    assert read(file("question,answer\n" + "x" * 999_999 + ",2\n"))[0].answers == ("2",)
    error = refusal(file("question,answer\n1,2\n" + "x" * 1_000_001 + ",2\n"))
    assert error.row == 3
    assert "longer than 1,000,000 characters" in str(error)


@pytest.mark.parametrize(
    ("content", "trouble"),
    [
        (b"", "The file is empty"),
        (b"question,answer\n", "has its header, but no rows"),
        (b"\n\n", "The first line is empty"),
        (b"\xef\xbb\xbf", "The first line is empty"),
        (b"question,,answer\n1,2,3\n", "Column 2 has no name"),
        (b"question,answer,answer\n1,2,3\n", "Two columns are called “answer”"),
        (b"question,answer\n1,2\n3,\x00\n", "Line 3 holds a NUL byte"),
        (b"a,b\n1,2\n", "No column looks like the question. Choose one of: a, b"),
        (b"id,question,answer\n1,a,b\n2,c,d\n1,e,f\n", "Line 4: column “id” repeats the id “1” of line 2"),
        (b"question,answer\n1,2\n ,4\n", "Line 3: column “question” is empty"),
    ],
)
def test_a_file_that_cannot_be_used_says_why(file, content, trouble):
    assert trouble in str(refusal(file(content)))


def test_a_file_above_the_limit_is_refused_before_it_is_read(file):
    assert "The file has 2 MB; at most 1 MB are read" in str(refusal(file("x" * 2_000_000), max_megabytes=1))


def test_no_file_is_refused():
    assert "Choose a file" in str(refusal(None))


def test_the_preview_shows_rows_mapping_and_problems(file):
    preview = sources.build("csv").preview(file("nr,problem,solution\na,1+1,2\nb,2+2,4\nc,,6\n"), limit=2)
    assert preview.columns == ["nr", "problem", "solution"]
    assert preview.mapping == {"question": "problem", "answer": "solution", "choices": "", "id": ""}
    assert preview.rows == [["a", "1+1", "2"], ["b", "2+2", "4"]]
    assert [draft.question for draft in preview.problems] == ["1+1", "2+2"]
    assert preview.trouble == ""


def test_the_preview_shows_the_columns_also_where_the_rows_are_no_problems_yet(file):
    preview = sources.build("csv").preview(file("a,b\n1,2\n"))
    assert (preview.columns, preview.rows) == (["a", "b"], [["1", "2"]])
    assert "No column looks like the question" in preview.trouble
    misnamed = sources.build("csv", {"answer_column": "c"}).preview(file("a,b\n1,2\n"))
    assert misnamed.columns == ["a", "b"]
    assert "no column “c”" in misnamed.trouble
    ragged = sources.build("csv").preview(file("question,answer\n1,2\n3\n"))
    assert [draft.question for draft in ragged.problems] == ["1"]
    assert "Line 3 has 1 cells" in ragged.trouble


def test_60_megabytes_are_read_at_constant_memory(tmp_path):
    path = tmp_path / "large.csv"
    line = "a question of some length, " * 22
    with open(path, "w") as file:
        file.write("id,question,answer\n")
        file.writelines(f'{number},"{line}",{number}\n' for number in range(100_000))
    assert path.stat().st_size > 60e6
    script = f"""
import resource
from experiments.sources.base import sources
source = sources.build("csv")
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(sum(1 for draft in source.problems({str(path)!r})), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    n_problems, grown_kib = map(int, done.stdout.split())
    assert n_problems == 100_000
    # The 100,000 ids seen take 15 MB; the file would take 60.
    assert grown_kib < 30_000
