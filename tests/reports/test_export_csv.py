"""The CSV export: one row per sample, exact numbers, empty cells where there is nothing."""

import csv
import io
import json
from datetime import UTC, datetime

import pytest

from experiments.domain.errors import UnknownName
from experiments.models import Prompt, Variant, VerifierScore
from experiments.reports import export_rows
from experiments.reports.export_columns import NAMES
from experiments.reports.export_formats import export
from tests.factories import make_dataset, make_experiment, make_language_model, make_run, make_sample

pytestmark = pytest.mark.django_db

STORED = datetime(2026, 3, 1, 12, 30, 0, 250, tzinfo=UTC)


def csv_of(run, **options) -> bytes:
    return b"".join(export(run, "csv", **options))


def table(run) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(csv_of(run).decode(), newline="")))


def test_the_whole_file():
    variant = Variant.objects.write(Prompt.objects.create(name="arithmetic"), "plain", "", "What is {{ question }}")
    experiment = make_experiment(
        name="Sums, “quoted”",
        n=2,
        dataset=make_dataset(2),
        variants=[variant],
        language_models=[make_language_model(name="tiny")],
        decoding={"temperature": 0.1, "max_tokens": 16, "stop": ["\n"]},
    )
    run = make_run(experiment)
    first, second = run.attempts.order_by("position")
    condition = run.conditions.get().key
    a = make_sample(
        first,
        text="Well,\nit is 3.",
        seed=4294967294,
        mean_logprob=-0.1 - 0.2,
        seconds=1 / 3,
        seconds_to_first_token=0.125,
        created_at=STORED,
    )
    paid = {
        "seed_sent": 17,
        "choice": 1,
        "reasoning_tokens": 2,
        "n_calls": 3,
        "cost": 0.25,
        "request_id": "req-1",
        "usage_is_estimated": True,
    }
    said = {"reasoning": "3 and 3", "refusal": "I will not.", "endpoint_finish_reason": "content_filter"}
    a_step = {"purpose": "step", "prefix": "Say:", "stop_string": "Stop", "measures": {"entropy": 1.5}}
    formula = '=HYPERLINK("http://x","3")'
    b = make_sample(first, index=1, text=formula, verdict="unparsed", created_at=STORED, parent=a, **paid, **said, **a_step)
    first.chosen = a
    first.save()
    c = make_sample(
        second,
        text="",
        verdict=None,
        finish_reason="failed",
        error="The engine died.",
        mean_logprob=None,
        logprobs=None,
        prompt_tokens=0,
        completion_tokens=0,
        created_at=STORED,
    )
    plan = f"""{run.pk},"Sums, “quoted”",{condition},tiny,arithmetic / plain v1,pool,"{{""n"":2}}",,"""
    decoding = json.dumps(run.config["decoding"], separators=(",", ":")).replace('"', '""')
    plan += f'"{decoding}",'
    header = "run,experiment,condition,language_model,variant,strategy,strategy_params,treatment,decoding,"
    header += (
        "problem,question,target,repeat,attempt,sample,index,purpose,verifier,chosen,parent,reused_from,seed,seed_sent,choice,"
    )
    header += "verdict,score,extracted,canonical,explanation,grader,finish_reason,endpoint_finish_reason,stop_string,error,"
    header += "prompt_tokens,cached_tokens,completion_tokens,reasoning_tokens,usage_is_estimated,n_calls,cost,request_id,"
    header += "mean_logprob,measures,verifier_scores,seconds,seconds_to_first_token,created_at,prefix,text,reasoning,refusal"
    grader = run.config["grader"]["key"]
    quoted_grader = '"' + grader.replace('"', '""') + '"' if '"' in grader or "," in grader else grader
    stored = "2026-03-01T12:30:00.000250+00:00"
    expected = [
        header,
        f"""{plan}p0,0 + 3 =,"[""3""]",0,{first.pk},{a.pk},0,answer,,1,,,4294967294,,0,"""
        f"""correct,1.0,3,3,made by a factory,{quoted_grader},stop,,,,10,0,5,0,0,1,0.0,,"""
        f"""-0.30000000000000004,{{}},"{{""mean_logprob"":-0.30000000000000004}}","""
        f"""0.3333333333333333,0.125,{stored},,"Well,\nit is 3.\",,""",
        f"""{plan}p0,0 + 3 =,"[""3""]",0,{first.pk},{b.pk},1,step,,0,{a.pk},,1,17,1,"""
        f"""unparsed,,,,made by a factory,{quoted_grader},stop,content_filter,Stop,,10,0,5,2,1,3,0.25,"""
        f"""req-1,-0.5,"{{""entropy"":1.5}}","{{""mean_logprob"":-0.5}}","""
        f"""0.0,0.0,{stored},Say:,"'=HYPERLINK(""http://x"",""3"")\",3 and 3,I will not.""",
        f"""{plan}p1,1 + 3 =,"[""4""]",0,{second.pk},{c.pk},0,answer,,0,,,0,,0,"""
        f""",,,,,,failed,,,The engine died.,0,0,0,0,0,1,0.0,,,{{}},"{{""mean_logprob"":null}}","""
        f"""0.0,0.0,{stored},,,,""",
    ]
    assert csv_of(run).decode() == "".join(line + "\r\n" for line in expected)


def test_a_run_without_samples_is_a_header():
    assert csv_of(make_run()).decode() == ",".join(NAMES) + "\r\n"


def test_the_byte_order_mark_comes_once_and_only_on_request():
    run = make_run()
    make_sample(run.attempts.first())
    assert csv_of(run, bom=True) == b"\xef\xbb\xbf" + csv_of(run)
    assert csv_of(run).startswith(b"run,")


def test_chunks_join_into_every_sample_once_in_the_order_stored(monkeypatch):
    monkeypatch.setattr(export_rows, "CHUNK", 3)
    mine, other = make_run(n=4), make_run()
    for index in range(7):
        make_sample(mine.attempts.first(), index=index, text=f"text {index}")
        make_sample(other.attempts.first(), index=index, text="of another run")
    assert [row["text"] for row in table(mine)] == [f"text {index}" for index in range(7)]


def test_the_number_of_queries_does_not_depend_on_the_number_of_samples(django_assert_num_queries):
    run = make_run(n=20, problems=5)
    for attempt in run.attempts.all():
        for index in range(20):
            make_sample(attempt, index=index)
    with django_assert_num_queries(7):  # keys, samples, conditions, problems, grades, scores; then no more keys
        csv_of(run)


def test_a_model_renamed_since_keeps_the_name_it_was_run_under():
    run = make_run(language_models=[make_language_model(name="before")])
    make_sample(run.attempts.first())
    entry = run.conditions.get().language_model
    entry.name = "after"
    entry.save()
    assert table(run)[0]["language_model"] == "before"


def test_verdicts_of_another_grader_are_left_out():
    run = make_run()
    sample = make_sample(run.attempts.first())
    sample.grades.create(run=run, grader="second opinion", verdict="wrong", score=0.0)
    assert [row["verdict"] for row in table(run)] == ["correct"]


def test_each_verifier_has_its_entry_in_one_column():
    run = make_run()
    sample = make_sample(run.attempts.first())
    VerifierScore.objects.create(sample=sample, verifier="judge", score=None)
    assert table(run)[0]["verifier_scores"] == '{"mean_logprob":-0.5,"judge":null}'


def test_an_unknown_format_is_refused_before_anything_is_read():
    with pytest.raises(UnknownName, match="Unknown export format “xlsx”"):
        export(make_run(), "xlsx")
