"""Whatever is uploaded, a file source either makes problems or says why not."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from experiments.domain.errors import SourceError
from experiments.sources.base import sources

FILE_SOURCES = [source.name for source in sources if source.needs_file]
PIECES = [
    "question",
    "answer",
    "id",
    "choices",
    ",",
    ";",
    "\t",
    "\n",
    "\r",
    '"',
    "{",
    "}",
    "[",
    "]",
    ":",
    "1",
    "A|B",
    "\\u0000",
    "\0",
    "é",
    "####",
]
CONTENT = st.one_of(
    st.binary(max_size=200),
    st.lists(st.sampled_from(PIECES), max_size=40).map(lambda pieces: "".join(pieces).encode()),
    st.lists(st.sampled_from(PIECES), max_size=40).map(
        lambda pieces: ("question,answer,choices\n" + "".join(pieces)).encode("utf-16")
    ),
    st.lists(st.sampled_from(PIECES), max_size=20).map(
        lambda pieces: b'{"question": "a", "answer": "b"}\n{"question": "' + "".join(pieces).encode()
    ),
)


@pytest.mark.parametrize("name", FILE_SOURCES)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=CONTENT, encoding=st.sampled_from(["utf-8", "latin-1", "cp1252"]))
def test_any_content_becomes_problems_or_a_sentence(tmp_path, name, content, encoding):
    path = tmp_path / "any"
    path.write_bytes(content)
    source = sources.build(name, {"encoding": encoding})
    drafts, trouble = [], None
    try:
        source.preview(str(path))
        drafts = list(source.problems(str(path)))
    except SourceError as error:
        trouble = str(error)
    assert drafts or trouble
    for draft in drafts:
        assert draft.question.strip()
        assert all(answer.strip() for answer in draft.answers)
        assert "\0" not in draft.question


@pytest.mark.parametrize("source", list(sources))
def test_every_option_is_titled_and_described(source):
    for option, about in source.model_fields.items():
        assert about.title, option
        assert about.description, option
