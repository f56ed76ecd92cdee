"""Studies of noise, distractors, several problems and stress, from the plan to their findings on a scripted model."""

import pytest

from experiments.domain.errors import InvalidInput
from experiments.domain.types import ProblemDraft
from experiments.models import Dataset, Grade
from experiments.reports.attempt_samples import asked_question
from experiments.runner.planning import plan_run
from tests.factories import make_experiment, make_language_model, make_run, make_user, make_variant
from tests.runner.working import work_until_idle

pytestmark = pytest.mark.django_db(transaction=True)


def finished(study: str, params: dict, problems: int = 6, **script):
    script = {"answers": ["The answer is 3."], **script}
    experiment = make_experiment(
        study=study, study_params=params, problems=problems, language_models=[make_language_model(**script)]
    )
    run = make_run(experiment)
    work_until_idle()
    run.refresh_from_db()
    assert run.state == "completed"
    return run, {finding.key: finding for finding in run.findings.all()}


def attempt(run, key: str, problem: str = "p0"):
    return run.attempts.get(condition__key=f"model1-variant1-{key}", problem__key=problem)


def test_perturbed_questions_are_asked_and_their_edits_shown(client):
    params = {"operations": ["irrelevant_after", "swap"], "rates": [10], "mixes": [], "n": 1}
    run, found = finished("perturbations", params)
    assert "Costliest of 2" in found["headline"].sentence
    noisy = asked_question(run, attempt(run, "irrelevant_after"))
    assert noisy.messages[-1].content.startswith("What is 0 + 3 = ")
    assert [edit.operation for edit in noisy.edits] == ["irrelevant_after"]
    client.force_login(make_user("viewer"))
    page = client.get(attempt(run, "irrelevant_after").get_absolute_url()).content.decode()
    assert "1 edit made by the treatment" in page
    assert f"<ins>{noisy.edits[0].after}</ins>" in page


def test_answers_out_of_a_distractor_are_counted():
    drafts = [
        ProblemDraft(f"p{i}", f"{i} + 3 =", (str(i + 3),), metadata={"near": ["The mill has 77 steps.", "It has 3 doors."]})
        for i in range(6)
    ]
    dataset = Dataset.objects.store("with passages", drafts, source="test", source_params={})
    params = {"kinds": ["hard", "chat"], "amounts": [2], "column": "near", "mitigation": False, "n": 1}
    models = [make_language_model(answers=["The answer is 77."])]
    run = make_run(make_experiment(study="distractors", study_params=params, dataset=dataset, language_models=models))
    work_until_idle()
    adopted = run.findings.get(key="adoption").estimates
    assert adopted["hard negatives × 2: wrong answers out of a distractor"]["value"] == 1
    assert adopted["chats before × 2: wrong answers out of a distractor"]["value"] == 0


def test_hard_negatives_that_the_dataset_lacks_are_refused_at_planning():
    experiment = make_experiment(study="distractors", study_params={"kinds": ["hard"], "amounts": [1]}, problems=6)
    with pytest.raises(InvalidInput, match="“hard_negatives” of the problem's metadata is missing"):
        plan_run(experiment)


def test_every_problem_of_a_prompt_is_graded_against_its_own_target():
    # Right is 3 for p0, 4 for p1 and so on; the script always says 4 first and 3 second.
    script = {"answers": ["Answer to Q1: 4\nAnswer to Q2: 3"]}
    run, found = finished("rest", {"levels": [2], "n": 1}, **script)
    question = asked_question(run, attempt(run, "n2"))
    assert question.messages[-1].content.startswith("Q1: What is 1 + 3 =\n\nQ2: What is 0 + 3 =\n\n")
    grade = Grade.objects.get(sample__attempt=attempt(run, "n2"))
    assert (grade.verdict, grade.details["parts"]) == ("correct", ["correct", "correct"])
    others = Grade.objects.filter(sample__attempt__condition__key="model1-variant1-n2").exclude(pk=grade.pk)
    assert {tuple(other.details["parts"]) for other in others} == {("wrong", "wrong")}
    cells = found["positions"].figure["values"][1]
    assert cells == [pytest.approx(1 / 6), pytest.approx(1 / 6)]
    assert len(run.config["ring"]) == 6


def test_stress_sentences_stand_in_the_system_message():
    params = {"levels": [1, 4, 7, 10], "sentences": 2, "n": 1}
    run, found = finished("stress", params)
    assert "shows no inverted U" in found["headline"].sentence
    roles = [message.role for message in asked_question(run, attempt(run, "s7_1")).messages]
    assert roles == ["system", "user"]


def test_a_prompt_without_the_question_cannot_be_perturbed():
    experiment = make_experiment(study="perturbations", study_params={"n": 1}, problems=6, variants=[make_variant("Guess!")])
    with pytest.raises(InvalidInput, match="does not show the question as it is"):
        plan_run(experiment)
