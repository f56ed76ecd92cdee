"""A learner is shown every object in every pass, hears where each belongs, and stops when a pass has no error."""

import pytest

from experiments.models import Dataset
from experiments.sources.base import sources
from experiments.strategies.base import strategies
from tests.factories import make_language_model, make_variant
from tests.strategies.refining import attempt_of, run_of, texts

pytestmark = pytest.mark.django_db(transaction=True)


def learner() -> Dataset:
    drafts = sources.build("label_exceptions", {"learners": 1}).problems()
    return Dataset.objects.store("garages", drafts, source="label_exceptions", source_params={"learners": 1})


def fields(dataset: Dataset, **script) -> dict:
    return {
        "dataset": dataset,
        "grader": "multiple_choice",
        "language_model": make_language_model(**script),
        "variants": [make_variant("{{ question }}")],
        "decoding": {"temperature": 0, "max_tokens": 64},
    }


def test_a_learner_that_knows_the_plates_is_done_after_one_pass():
    dataset = learner()
    objects = dataset.problems.get().metadata["objects"]
    rules = {each["text"]: [f"The answer is {each['label']}."] for each in objects}
    attempt = attempt_of("learn_labels", **fields(dataset, rules=rules))
    assert attempt.trace == {"accuracy": [1.0], "learned_after": 1, "failed": "", "words": 4.0}
    assert len(texts(attempt, "step")) == 10
    assert attempt.chosen.text == f"The answer is {objects[0]['label']}."


def test_one_who_always_says_the_same_never_learns_and_hears_so():
    attempt = attempt_of("learn_labels", {"passes": 3}, **fields(learner(), answers=["A"]))
    assert attempt.trace["accuracy"] == [0.5, 0.5, 0.5]
    assert attempt.trace["learned_after"] is None
    assert len(texts(attempt, "step")) == 30


def test_feedback_tells_the_label_of_the_object_before():
    dataset = learner()
    labels = {each["text"]: each["label"] for each in dataset.problems.get().metadata["objects"]}
    rules = {f"Wrong, it is B.\n\n{text}": ["Answer: A. I was wrong."] for text in labels}
    rules |= {f"Right, A.\n\n{text}": ["Answer: A. I was right."] for text in labels}
    said = texts(attempt_of("learn_labels", {"passes": 1}, **fields(dataset, rules=rules, answers=["A"])), "step")
    assert said[0] == "A"
    # The learner always says A: an error is an object of B. What follows the last object is not seen.
    assert said.count("Answer: A. I was wrong.") in (4, 5)
    assert said.count("Answer: A. I was wrong.") + said.count("Answer: A. I was right.") == 9


def test_a_problem_without_objects_gets_one_answer():
    attempt = attempt_of("learn_labels")
    assert texts(attempt) == ["The answer is 3."]
    assert "no objects" in attempt.trace["learned"]


def test_a_prompt_that_does_not_show_the_object_fails_with_a_sentence():
    run = run_of("learn_labels", **fields(learner()) | {"variants": [make_variant("Where does {{ choices }} stand?")]})
    assert "does not show its first object" in run.attempts.get().error


def test_a_pass_takes_ten_texts_at_most():
    assert strategies.build("learn_labels", {"passes": 4}).samples_per_attempt == 40
