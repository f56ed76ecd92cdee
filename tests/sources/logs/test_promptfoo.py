"""Results of promptfoo."""

import pytest

from experiments.domain.errors import InvalidInput
from experiments.sources.logs.reading import read_log

from .examples import as_json, promptfoo_result, promptfoo_results


def test_results_are_read_with_their_templates():
    log = read_log(as_json(promptfoo_results()), "output.json")
    assert (log.tool, log.name, len(log.records)) == ("promptfoo", "sums again", 6)
    first = log.records[0]
    assert (first.model, first.prompt, first.template) == ("openai:mini", "wording 0", "P0 {{question}}")
    assert (first.problem, first.question, first.targets, first.text) == ("test0", "1 + 2 =", ("3",), "3")
    assert (first.is_right, first.score, first.seconds, first.cost) == (True, 1.0, 0.25, 0.001)
    assert (first.prompt_tokens, first.completion_tokens) == (8, 4)


def test_the_same_test_again_is_the_same_problem():
    again = [promptfoo_result("q1", 0, "3", True, test=number) for number in (0, 7)]
    assert {record.problem for record in read_log(as_json(promptfoo_results(again)), "a.json").records} == {"test0"}


def test_an_error_is_no_wrong_answer():
    failed = promptfoo_result("q1", 0, "", False, failureReason=2, error="429")
    record = read_log(as_json(promptfoo_results([failed])), "a.json").records[0]
    assert (record.is_right, record.score, record.error) == (None, None, "429")


def test_what_cannot_be_used_is_said():
    old = promptfoo_results()
    old["results"]["version"] = 2
    with pytest.raises(InvalidInput, match="version 3 can be read"):
        read_log(as_json(old), "a.json")
    with pytest.raises(InvalidInput, match="no results"):
        read_log(as_json(promptfoo_results([])), "a.json")
    with pytest.raises(InvalidInput, match="testIdx"):
        read_log(as_json(promptfoo_results([{"success": True}])), "a.json")
