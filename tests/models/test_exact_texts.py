"""What a model writes is stored and read back exactly, whatever characters it holds."""

import pytest
from django.apps import apps
from django.db import connection

from experiments.models import Attempt, Call, Finding, Run, Sample
from experiments.models.exact import ExactJSONField
from experiments.runner.storing import store
from tests.factories import make_run, make_sample

pytestmark = pytest.mark.django_db

ODD = 'NUL \0, half a pair \ud83d, the other half \udc00, the mark \ufdd0 and \ufdd00000, a backslash \\u0000, 😀 "'


def in_store(row, column: str) -> str:
    """The column as the database has it."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {column} FROM {row._meta.db_table} WHERE id = %s", [row.pk])
        return cursor.fetchone()[0]


def test_a_text_comes_back():
    sample = make_sample(make_run().attempts.first(), text=ODD, canonical=ODD)
    again = Sample.objects.get(pk=sample.pk)
    assert again.text == ODD
    assert again.grades.get().canonical == ODD
    assert Sample.objects.values_list("text", flat=True).get() == ODD


def test_it_is_stored_in_the_same_form_in_every_database():
    sample = make_sample(make_run().attempts.first(), text="a\0b\ud83d")
    assert in_store(sample, "text") == "a\ufdd00000b\ufdd0d83d"


def test_a_text_is_found_by_what_it_holds():
    make_sample(make_run().attempts.first(), text=ODD)
    assert Sample.objects.filter(text=ODD).exists()
    assert Sample.objects.filter(text__icontains="HALF A PAIR").exists()
    assert not Sample.objects.filter(text="half a pair").exists()


@pytest.mark.parametrize("value", [{ODD: [ODD, {"deeper": ODD}], "n": 1.5}, [ODD], {"plain": "😀 é \\u0000"}, {}])
def test_json_comes_back(value):
    attempt = make_run().attempts.first()
    Attempt.objects.filter(pk=attempt.pk).update(trace=value)
    attempt.refresh_from_db()
    assert attempt.trace == value
    attempt.save()
    attempt.refresh_from_db()
    assert attempt.trace == value


def test_json_keeps_the_order_of_its_keys():
    value = {"thoughts": 1, "answer": {"zz": 1, "b": 2, "a": 1e22}}
    run = make_run()
    Finding.objects.create(run=run, key="one", title="", sentence="", position=0, details=value)
    rows = [Finding(run=run, key=key, title="", sentence="", position=1, details=value) for key in "ab"]
    Finding.objects.bulk_create(rows)
    Finding.objects.filter(key="a").update(details={"b": value, "a": value})
    assert repr(Finding.objects.get(key="one").details) == repr(value)
    assert repr(Finding.objects.get(key="b").details) == repr(value)
    assert repr(Finding.objects.get(key="a").details) == repr({"b": value, "a": value})


@pytest.mark.skipif(connection.vendor != "postgresql", reason="only PostgreSQL has two kinds of JSON")
def test_no_column_of_ours_is_of_the_kind_that_sorts_keys():
    columns = {
        (model._meta.db_table, field.column)
        for model in apps.get_app_config("experiments").get_models()
        for field in model._meta.local_fields
        if isinstance(field, ExactJSONField)
    }
    with connection.cursor() as cursor:
        cursor.execute("SELECT table_name, column_name FROM information_schema.columns WHERE data_type = 'jsonb'")
        assert not columns & set(cursor.fetchall()), "convert it in its migration as 0018_json_in_its_order does"
    assert len(columns) > 20


def test_json_is_still_asked_by_its_keys():
    run = make_run()
    Finding.objects.create(run=run, key="odd", title=ODD, sentence=ODD, position=0, details={"said": ODD, "n": 3})
    assert Finding.objects.get(details__n=3).details["said"] == ODD
    assert Finding.objects.filter(details={"n": 3, "said": ODD} if connection.vendor == "postgresql" else {"said": ODD, "n": 3})
    assert Finding.objects.filter(details__has_key="n").exists()
    assert not Finding.objects.filter(details__has_key="m").exists()
    assert Run.objects.get(config__dataset__name=run.config["dataset"]["name"]) == run
    assert Finding.objects.values_list("details__said", flat=True).get() == ODD


def test_the_writer_takes_it_without_losing_the_sample_beside_it():
    attempt = make_run().attempts.first()
    rows = [make_sample(attempt, index=index, text=text, verdict=None) for index, text in enumerate(["fine", ODD])]
    Sample.objects.all().delete()
    store(rows, {}, {})
    assert list(Sample.objects.order_by("index").values_list("text", flat=True)) == ["fine", ODD]


def test_an_endpoints_word_that_grows_too_long_is_cut():
    sample = make_sample(make_run().attempts.first(), endpoint_finish_reason="\0" * 100)
    sample.refresh_from_db()
    assert sample.endpoint_finish_reason == "\0" * 20


def test_a_longer_word_than_the_column_is_no_accident_of_the_ledger():
    assert Call._meta.get_field("request_id").get_prep_value("x" * 300) == "x" * 200
