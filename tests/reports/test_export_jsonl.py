"""The JSONL export: the exact text, the exact numbers and the token logprobs."""

import json

import pytest

from experiments.models import Sample
from experiments.reports.export_columns import NAMES
from experiments.reports.export_formats import export
from tests.factories import make_run, make_sample

pytestmark = pytest.mark.django_db


def lines_of(run) -> list[dict]:
    text = b"".join(export(run, "jsonl")).decode()
    assert text == "" or text.endswith("\n")
    return [json.loads(line) for line in text.split("\n")[:-1]]


def test_the_text_is_exact_on_one_line_each():
    run = make_run()
    texts = ["=1+1", "two\r\nlines", '\u2028 \u200b é 😀 \x00 \\ "', "'=1", ""]
    for index, text in enumerate(texts):
        make_sample(run.attempts.first(), index=index, text=text)
    assert [line["text"] for line in lines_of(run)] == texts


def test_the_names_are_those_of_the_csv_and_the_token_logprobs():
    run = make_run()
    make_sample(run.attempts.first())
    [line] = lines_of(run)
    assert list(line) == [*NAMES, "token_logprobs"]


def test_structured_values_are_json_and_numbers_read_back_equal():
    run = make_run(n=4)
    logprobs = (-0.1, -1e-30, -123.456)
    make_sample(run.attempts.first(), mean_logprob=-0.1 - 0.2, logprobs=Sample.pack_logprobs(logprobs), seconds=1 / 3)
    [line] = lines_of(run)
    assert line["strategy_params"] == {"n": 4}
    assert line["target"] == ["3"]
    assert line["verifier_scores"] == {"mean_logprob": -0.1 - 0.2}
    assert line["mean_logprob"] == -0.1 - 0.2
    assert line["seconds"] == 1 / 3
    assert Sample.pack_logprobs(tuple(line["token_logprobs"])) == Sample.pack_logprobs(logprobs)


def test_what_is_missing_is_null():
    run = make_run()
    make_sample(run.attempts.first(), verdict=None, finish_reason="failed", mean_logprob=None, logprobs=None)
    [line] = lines_of(run)
    missing = {name for name, value in line.items() if value is None}
    grade = {"verdict", "score", "extracted", "canonical", "explanation", "grader"}
    assert missing == grade | {"treatment", "parent", "reused_from", "seed_sent", "mean_logprob", "token_logprobs"}
