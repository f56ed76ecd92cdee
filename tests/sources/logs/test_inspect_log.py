"""Logs of Inspect, as .json and as .eval."""

import zipfile

import pytest

from experiments.domain.errors import InvalidInput
from experiments.sources.logs.reading import read_log

from .examples import as_json, eval_file, inspect_log, inspect_sample


def test_a_json_log_is_read():
    log = read_log(as_json(inspect_log()), "anything.txt")
    assert (log.tool, log.name, len(log.records)) == ("inspect", "sums", 3)
    first = log.records[0]
    assert (first.model, first.prompt, first.problem, first.question) == ("mock/a", "sums", "q1", "1 + 2 =")
    assert (first.targets, first.text, first.is_right, first.score) == (("3",), "3", True, 1.0)
    assert (first.prompt_tokens, first.completion_tokens, first.seconds) == (9, 4, 0.5)
    assert [record.is_right for record in log.records] == [True, False, True]


def test_an_eval_file_tells_the_same():
    assert read_log(eval_file(inspect_log()), "log.json") == read_log(as_json(inspect_log()), "log.eval")


@pytest.mark.parametrize(
    ("value", "score", "is_right"),
    [("P", 0.5, False), ("N", 0.0, False), (True, 1.0, True), (0.25, 0.25, False), (7, None, None), ({"a": 1}, None, None)],
)
def test_values_of_every_kind_become_scores(value, score, is_right):
    record = read_log(as_json(inspect_log([inspect_sample("q1", "3", value)])), "a.json").records[0]
    assert (record.score, record.is_right) == (score, is_right)


def test_conversations_parts_and_attachments_are_read():
    sample = inspect_sample("q1", "x", "C")
    sample["input"] = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "attachment://abc"}]
    sample["attachments"] = {"abc": "a long question"}
    parts = [{"type": "reasoning", "reasoning": "hm"}, {"type": "text", "text": "the answer"}]
    sample["output"]["choices"][0] = {"message": {"content": parts}, "stop_reason": "max_tokens"}
    record = read_log(as_json(inspect_log([sample])), "a.json").records[0]
    assert (record.question, record.text, record.is_cut_off) == ("a long question", "the answer", True)


def test_a_compression_that_cannot_be_read_is_said():
    content = eval_file(inspect_log())
    method = b"\x08\x00"
    local, central = b"PK\x03\x04\x14\x00\x00\x00", b"PK\x01\x02\x14\x03\x14\x00\x00\x00"
    spoiled = content.replace(local + method, local + b"\x63\x00").replace(central + method, central + b"\x63\x00")
    assert spoiled != content
    with pytest.raises(InvalidInput, match="inspect log convert"):
        read_log(spoiled, "a.eval")


def test_damaged_and_foreign_files_are_refused():
    with pytest.raises(InvalidInput, match="damaged"):
        read_log(eval_file(inspect_log())[:100], "a.eval")
    with pytest.raises(InvalidInput, match="no samples"):
        read_log(as_json(inspect_log([])), "a.json")
    with pytest.raises(InvalidInput, match="no “id”"):
        read_log(as_json(inspect_log([{"input": "x"}])), "a.json")
    stored = eval_file(inspect_log(), zipfile.ZIP_STORED).replace(b"header.json", b"heater.json")
    with pytest.raises(InvalidInput, match=r"no header\.json"):
        read_log(stored, "a.eval")
