"""Texts with characters that UTF-8 does not have are exported too."""

import json

import pytest

from experiments.reports.export_formats import export
from tests.factories import make_run, make_sample

pytestmark = pytest.mark.django_db


def test_half_a_surrogate_pair_is_exact_in_jsonl_and_spelt_out_in_csv():
    run = make_run(n=1, problems=1)
    make_sample(run.attempts.get(), text="half \ud800 of a pair, and \0", measures={"odd \udfff": 1.5})
    (line,) = b"".join(export(run, "jsonl")).splitlines()
    row = json.loads(line)
    assert (row["text"], row["measures"]) == ("half \ud800 of a pair, and \0", {"odd \udfff": 1.5})
    assert "half \\ud800 of a pair, and \0" in b"".join(export(run, "csv")).decode()
