"""Plan, sub-tasks, answer; and a model that plans nothing."""

import pytest

from experiments.models import Sample
from tests.factories import make_language_model
from tests.strategies.refining import attempt_of, texts

pytestmark = pytest.mark.django_db(transaction=True)

PLAN = "Here is a plan.\n1. Take the first number.\n2) Add the second.\n3: Write the sum."


def model(plan: str, **script):
    rules = {"Do not answer yet.": [plan], "Do only this sub-task": ["Done."], "Notes from working": ["The answer is 3."]}
    return make_language_model(answers=["The answer is 9."], rules=rules, **script)


def test_every_sub_task_is_done_before_the_answer():
    attempt = attempt_of("agent_workflow", language_model=model(PLAN))
    assert texts(attempt) == ["The answer is 3."]
    assert texts(attempt, Sample.Purpose.FEEDBACK) == [PLAN, "Done.", "Done.", "Done."]
    assert (attempt.chosen.text, attempt.trace["planned"], attempt.trace["done"]) == ("The answer is 3.", 3, 3)


def test_a_longer_plan_is_cut():
    attempt = attempt_of("agent_workflow", {"max_subtasks": 1}, language_model=model(PLAN))
    assert texts(attempt, Sample.Purpose.FEEDBACK) == [PLAN, "Done."]


def test_without_a_plan_the_question_is_answered_as_it_is():
    attempt = attempt_of("agent_workflow", language_model=model("I would just add them."))
    assert attempt.chosen.text == "The answer is 9."
    assert attempt.trace["stopped"] == "no numbered plan was written"


def test_a_budget_smaller_than_the_plan_still_gives_an_answer():
    attempt = attempt_of("agent_workflow", {"token_budget": 1}, language_model=model(PLAN))
    assert attempt.chosen.text == "The answer is 9."
    assert (attempt.trace["planned"], attempt.trace["done"]) == (3, 0)
