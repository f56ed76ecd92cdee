import json

import pytest

from experiments.domain.errors import SourceError
from experiments.sources.base import sources


@pytest.fixture
def file(tmp_path):
    def write(content: str | bytes) -> str:
        path = tmp_path / "problems.jsonl"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return str(path)

    return write


def read(path: str, **params):
    return list(sources.build("jsonl", params).problems(path))


def refusal(path: str, **params) -> SourceError:
    with pytest.raises(SourceError) as caught:
        read(path, **params)
    return caught.value


def test_objects_become_problems(file):
    first, second = read(
        file('{"question": "1+1?", "answer": 2, "tags": ["sum"]}\n\n{"question": "Über?", "answer": "ja", "new": 1}')
    )
    assert (first.question, first.answers, first.metadata) == ("1+1?", ("2",), {"tags": ["sum"]})
    assert (second.answers, second.metadata) == (("ja",), {"new": 1})


def test_a_broken_line_5000_is_named_with_its_place(file):
    lines = [json.dumps({"question": f"{n}?", "answer": n}) for n in range(6000)]
    lines[4999] = '{"question": "broken, "answer": 2}'
    error = refusal(file("\n".join(lines)))
    assert error.row == 5000
    assert 'Line 5,000, character 24: Expecting \',\' delimiter (near “on": "broken, "answer": 2}”)' in str(error)


@pytest.mark.parametrize(
    ("content", "trouble"),
    [
        ("", "The file is empty"),
        ("\n \n", "blank lines only"),
        ('[{"question": "a", "answer": "b"}]', "This is a JSON list"),
        ('{"question": "a", "answer": "b"}\n5\n', "Line 2 is not a JSON object"),
        ('{"question": "a", "answer": "b"}\n{"question": "a"}\n', "Line 2: column “answer” is missing"),
        ('{"question": "a", "answer": NaN}', "Line 1: NaN is no JSON value"),
        ('{"question": "a\\u0000", "answer": "b"}', "Line 1 holds a NUL character"),
        ('{"question": "a\\ud800", "answer": "b"}', "half of a surrogate pair"),
        ('{"question": "a", "answer": "b", "x": ' + "[" * 100_000, "Line 1"),
        ('{"question": "' + "x" * 1_000_001 + '", "answer": "b"}', "“question” is longer than 1,000,000 characters"),
        ('{"question": "' + "x" * 4_000_001 + '", "answer": "b"}', "Line 1 is longer than 4,000,000 characters"),
        ('{"q": "a", "a": "b"}', "No column looks like the question. Choose one of: q, a"),
        ('{"question": "a", "answer": {"value": 1}}', "column “answer” is a JSON object, but must be text"),
    ],
)
def test_a_file_that_cannot_be_used_says_why(file, content, trouble):
    assert trouble in str(refusal(file(content)))


def test_escapes_that_are_text_are_kept(file):
    assert read(file(r'{"question": "a\\u0000 \ud83d\ude00", "answer": "b"}'))[0].question == "a\\u0000 \U0001f600"


def test_latin_1_is_refused_with_its_line_and_read_when_chosen(file):
    path = file('{"question": "a", "answer": "b"}\n{"question": "Köln?", "answer": "ja"}\n'.encode("latin-1"))
    assert refusal(path).row == 2
    assert read(path, encoding="latin-1")[1].question == "Köln?"


def test_the_preview_shows_rows_mapping_and_problems(file):
    preview = sources.build("jsonl").preview(file('{"input": "1", "target": "2"}\n{"input": "3", "target": "4"}\n{'), limit=1)
    assert preview.columns == ["input", "target"]
    assert preview.mapping == {"question": "input", "answer": "target", "choices": "", "id": ""}
    assert preview.rows == [["1", "2"]]
    assert [draft.answers for draft in preview.problems] == [("2",)]
    assert (preview.note, preview.trouble) == ("JSON Lines, UTF-8.", "")
