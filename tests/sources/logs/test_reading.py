"""Files that are no log, or hold what cannot be stored."""

import pytest

from experiments.domain.errors import InvalidInput
from experiments.sources.logs.reading import read_log

from .examples import as_json, inspect_log, inspect_sample


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b" \n", "is empty"),
        (b"question,answer\n1,2\n", "is not known"),
        (b'{"results": []}', "is not known"),
        (b"[1, 2]", "is not known"),
        (b"\xff\xfe{}", "not UTF-8"),
        (as_json(inspect_log([inspect_sample("q1", "a\0b", "C")])), "NUL"),
        (as_json(inspect_log([inspect_sample("q1", "\ud800", "C")])), "surrogate"),
    ],
)
def test_other_files_are_refused_with_what_would_do(content, said):
    with pytest.raises(InvalidInput, match=said):
        read_log(content, "a.json")
