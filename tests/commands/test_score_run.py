"""`manage.py score_run`: a further verifier over a finished run, from the command line."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from experiments.models import Scoring
from tests.factories import make_language_model, make_run
from tests.runner.working import work_until_idle

pytestmark = pytest.mark.django_db(transaction=True)


def score_run(*arguments) -> str:
    out = StringIO()
    call_command("score_run", *map(str, arguments), stdout=out)
    return out.getvalue()


def test_it_scores_and_tells_what_it_came_to():
    run = make_run(n=3, problems=2)
    work_until_idle()
    make_language_model("judge", answers=["I cannot say."])
    params = '{"language_model": "judge"}'
    told = json.loads(score_run(run.pk, "llm_judge", "--params", params, "--wait", "--json"))
    assert (told["state"], told["answers"], told["scored"], told["missing"]) == ("completed", 6, 0, 6)
    assert told["completion_tokens"] == 6 * 3
    assert told["cautions"][-1] == "6 of 6 judgements did not come in the format and were left out."
    assert "run 1 by length, completed: 6 of 6 answers" in score_run(run.pk, "length", "--wait").replace(f"run {run.pk}", "run 1")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((999, "length"), "There is no run 999"),
        (("RUN", "gut"), "Unknown verifier"),
        (("RUN", "length", "--params", "{"), "--params is not JSON"),
        (("RUN", "length", "--params", "[]"), "must be an object"),
        (("RUN", "length"), "it can be scored by further verifiers when it has ended"),
    ],
)
def test_what_cannot_be_done_is_an_error_in_words(arguments, words):
    run = make_run(n=1, problems=1)
    with pytest.raises(CommandError, match=words):
        score_run(*(run.pk if each == "RUN" else each for each in arguments))
    assert not Scoring.objects.exists()
