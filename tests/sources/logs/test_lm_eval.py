"""Sample files of lm-evaluation-harness."""

import pytest

from experiments.domain.errors import InvalidInput
from experiments.sources.logs.reading import read_log

from .examples import as_lines, lm_eval_line

NAME = "samples_gsm8k_2024-11-02T10-11-12.345678.jsonl"


def test_lines_are_read_with_a_prompt_for_each_filter():
    lines = [lm_eval_line("q1", "so 3", 1.0), lm_eval_line("q1", "so 3", 0.0, "flexible-extract")]
    log = read_log(as_lines(lines), NAME)
    assert (log.tool, log.name) == ("lm_eval", "gsm8k")
    assert [(each.prompt, each.is_right) for each in log.records] == [
        ("gsm8k, strict-match", True),
        ("gsm8k, flexible-extract", False),
    ]
    first = log.records[0]
    assert (first.model, first.problem, first.question, first.targets) == ("", "1", "1 + 2 =", ("3",))
    assert (first.text, first.extracted) == ("so 3", "3")


def test_a_ranking_of_choices_tells_the_likeliest():
    line = {
        "doc_id": 0,
        "doc": {"query": "The sky is", "choices": ["green", "blue"]},
        "target": "1",
        "arguments": [["The sky is", " green"], ["The sky is", " blue"]],
        "resps": [[["-3.5", "False"]], [["-0.5", "True"]]],
        "filtered_resps": [["-3.5", "False"], ["-0.5", "True"]],
        "filter": "none",
        "acc": 1.0,
    }
    record = read_log(as_lines([line]), "samples_sky.jsonl").records[0]
    assert (record.prompt, record.text, record.targets) == ("sky", "blue", ("blue",))
    assert (record.choices, record.is_right) == (("green", "blue"), True)


def test_the_line_that_cannot_be_used_is_named():
    good = as_lines([lm_eval_line("q1", "3", 1)])
    with pytest.raises(InvalidInput, match="Line 2 lacks"):
        read_log(good + b'{"doc_id": 1}\n', NAME)
    with pytest.raises(InvalidInput, match="Line 2 is not JSON"):
        read_log(good + b"{oops\n", NAME)
