import json
import re
import subprocess
import sys

import pytest

from experiments.domain import exact_json
from experiments.domain.errors import InvalidInput, UnknownName
from experiments.domain.types import HIDDEN, FinishReason, Message, Question, Target, Verdict
from experiments.graders.base import graders
from experiments.sources.base import sources
from experiments.sources.reasoning_gym_tasks import TaskField, task_fields, task_names

ONE_DIGIT = {"min_terms": 2, "max_terms": 2, "min_digits": 1, "max_digits": 1}


def problems(task: str = "chain_sum", **options):
    return list(sources.build("reasoning_gym", {"task": task, **options}).problems())


def test_the_demo_is_sums_of_two_one_digit_numbers():
    drafts = problems(size=40, seed=7, params=ONE_DIGIT)
    assert [draft.key for draft in drafts][::39] == ["chain_sum-0001", "chain_sum-0040"]
    for draft in drafts:
        one, sign, other = re.search(r": (\d) ([+-]) (\d) =$", draft.question).groups()
        assert draft.answers == (str(int(one) + int(sign + other)),)


def test_the_seed_decides_the_problems():
    assert problems(size=5, seed=1) == problems(size=5, seed=1) != problems(size=5, seed=2)


def test_options_may_come_as_json_text():
    assert problems(size=3, params=json.dumps(ONE_DIGIT)) == problems(size=3, params=ONE_DIGIT)


@pytest.mark.parametrize(
    ("options", "trouble"),
    [
        ({"task": "chainsum"}, "Unknown task “chainsum”. Known: ab, acre"),
        ({"size": 0}, "Problems: Input should be greater than or equal to 1"),
        ({"params": "{"}, "Task options: is not JSON"),
        ({"params": {"terms": 2}}, "chain_sum has no option “terms”. Its options: min_terms, max_terms"),
        ({"params": {"min_terms": "many"}}, "min_terms: Input should be a valid integer"),
        ({"params": {"min_terms": 5, "max_terms": 2}}, "chain_sum refuses these options: max_terms must be >= min_terms"),
    ],
)
def test_options_that_do_not_fit_are_refused(options, trouble):
    with pytest.raises(InvalidInput, match=re.escape(trouble)):
        sources.build("reasoning_gym", options)


def test_a_tasks_options_are_described_for_a_form():
    assert task_fields("chain_sum")[:2] == [TaskField("min_terms", "int", 2), TaskField("max_terms", "int", 6)]
    assert TaskField("allow_negation", "bool", False) in task_fields("chain_sum")
    with pytest.raises(UnknownName, match="Unknown task “nope”"):
        task_fields("nope")


@pytest.mark.parametrize("task", task_names())
def test_every_task_makes_problems_that_its_own_score_can_mark(task):
    options = {field.name: field.default for field in task_fields(task) if field.default is not None}
    (draft,) = problems(task, size=1, seed=3, params=json.loads(json.dumps(options)))
    metadata = json.loads(json.dumps(draft.metadata))
    target = Target(draft.answers, metadata=metadata)
    grader = graders.build("reasoning_gym_score", {"extraction": "whole"})
    question = Question(draft.key, (Message("user", draft.question),))
    if draft.answers:
        assert grader.mark(draft.answers[0], FinishReason.STOP, question, target).verdict == Verdict.CORRECT
    wrong = grader.mark("\\{ ?", FinishReason.STOP, question, target)
    # This task takes whatever is not "True" for "False".
    assert wrong.verdict == (Verdict.CORRECT if task == "game_of_life_halting" else Verdict.WRONG)
    assert 0 <= wrong.score <= 1


def test_what_the_score_needs_is_hidden_from_prompts():
    (draft,) = problems(size=1)
    assert draft.metadata.keys() == {"task", HIDDEN}
    entry = exact_json.unpack(draft.metadata[HIDDEN]["reasoning_gym"]["entry"])
    assert entry["answer"] == draft.answers[0]
    assert entry["metadata"]["difficulty"]["num_terms"] == (2, 6)


def test_the_library_is_loaded_at_first_use_only():
    script = "import sys; from experiments.sources.base import sources; sources.choices(); print('reasoning_gym' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout == "False\n"
