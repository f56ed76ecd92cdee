"""The label that the model holds most probable is handed in."""

import json

import pytest

from experiments.domain.errors import InvalidInput
from experiments.domain.types import ProblemDraft
from experiments.inference.base import backends
from experiments.models import Attempt, Dataset, LanguageModel, Sample
from experiments.runner.planning import create_run
from tests.factories import make_experiment, make_language_model, make_variant
from tests.runner.working import work_until_idle
from tests.strategies.desk import QUESTION, DeskLab, solve

pytestmark = pytest.mark.django_db(transaction=True)

CHOICES = ("Rome", "Paris", "Oslo")


def ranked(language_model: LanguageModel) -> tuple[Attempt, list[float]]:
    """The attempt on one problem with three choices, and the log-probabilities that were told of its labels."""
    draft = ProblemDraft("capital", "What is the capital of France?", ("Paris",), CHOICES)
    experiment = make_experiment(
        dataset=Dataset.objects.store("capitals", [draft], source="test", source_params={}),
        variants=[make_variant("{{ question }}\n{{ choices }}\nAnswer:")],
        language_models=[language_model],
        study="test_time_compute",
        study_params={"strategies": ["rank_choices"], "budgets": [2], "pool_n": 2},
        grader="prefix_match",
        verifiers=[],
    )
    run = create_run(experiment, None)
    work_until_idle()
    attempt = Attempt.objects.select_related("chosen").get(run=run, condition__strategy="rank_choices")
    assert attempt.error == ""
    return attempt, json.loads(attempt.samples.get(purpose=Sample.Purpose.JUDGE).text)


@pytest.mark.parametrize("is_bundled", [False, True])
def test_the_likeliest_label_is_written_and_graded(is_bundled):
    if is_bundled:
        model = LanguageModel.objects.create(name="bundled", backend="llama_cpp", params={"slots": 4})
    else:
        model = make_language_model(scores_texts=True)
    attempt, logprobs = ranked(model)
    likeliest = "ABC"[logprobs.index(max(logprobs))]
    assert attempt.chosen.text == likeliest
    assert attempt.trace["logprobs"] == dict(zip("ABC", logprobs, strict=True))
    assert attempt.chosen.grades.get().verdict == ("correct" if likeliest == "B" else "wrong")


async def test_a_problem_without_choices_gets_one_answer_as_it_comes():
    lab = DeskLab({"answers": ["It is 7."]})
    outcome = await solve("rank_choices", lab)
    assert not QUESTION.choices
    assert outcome.chosen.text == "It is 7."
    assert outcome.trace == {"ranked": "This problem has no choices to rank."}


def test_a_model_that_cannot_tell_how_likely_texts_are_is_refused():
    assert "scores_text" not in backends.build("scripted", {}).capabilities
    with pytest.raises(InvalidInput, match="needs the likelihood of given texts"):
        ranked(make_language_model())
