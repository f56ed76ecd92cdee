"""Step-wise best of N: JSON steps, a chooser that names one, and a last call for the answer."""

import json

import pytest

from experiments.domain.types import Purpose
from experiments.strategies.stepwise_chooser import ANSWER, NEXT, read_step
from tests.strategies.desk import DeskLab, solve


def step(content: str, action: str = "continue") -> str:
    return json.dumps({"title": "t", "content": content, "next_action": action})


def script(first: list[str], then: list[str], chooser: str = "2") -> dict:
    rules = {"Answer 1:": [chooser], NEXT: then, ANSWER: ["The answer is 7."]}
    return {"answers": first, "rules": rules}


async def test_the_chosen_steps_become_turns_until_one_says_that_the_answer_is_ready():
    lab = DeskLab(script([step("a"), step("b")], [step("c", "final_answer"), step("d", "final_answer")]))
    outcome = await solve("stepwise_chooser", lab, n=6)
    first, second = outcome.trace["steps"]
    distinct = list(dict.fromkeys(sample.text for sample in lab.drawn_as(Purpose.STEP)[:6]))
    chosen = {sample.index: sample for sample in lab.drawn_as(Purpose.STEP)}
    assert chosen[first].text == distinct[1], "the chooser said 2"
    assert lab.parents[chosen[second].key] == chosen[first]
    assert outcome.chosen.text == "The answer is 7."
    assert lab.parents[outcome.chosen.key] == chosen[second]
    assert (outcome.trace["stopped"], outcome.trace["malformed_steps"]) == ("the model was ready to answer", 0)
    assert len(lab.drawn) == 6 + 1 + 6 + 1 + 1


async def test_steps_out_of_form_are_dropped_and_counted():
    lab = DeskLab(script([step("a", "final_answer"), "I would add.", '{"title": "t"}'], ["unused"]))
    outcome = await solve("stepwise_chooser", lab, n=12)
    malformed = [sample for sample in lab.drawn_as(Purpose.STEP) if read_step(sample) is None]
    assert outcome.trace["malformed_steps"] == len(malformed) > 0
    assert outcome.chosen.text == "The answer is 7."


async def test_where_all_steps_are_out_of_form_the_question_is_asked_as_it_is():
    lab = DeskLab({"answers": ["Just 7."]})
    outcome = await solve("stepwise_chooser", lab, n=3)
    assert outcome.chosen.text == "Just 7."
    assert outcome.trace["stopped"] == "no step came in the form asked for"
    assert (outcome.trace["malformed_steps"], outcome.trace["steps"]) == (3, [])


@pytest.mark.parametrize(
    ("options", "stopped"), [({"max_steps": 3}, "as many steps as allowed"), ({"token_budget": 30}, "token budget spent")]
)
async def test_thinking_ends_in_any_case(options, stopped):
    lab = DeskLab(script([step("a")], [step("b")]))
    outcome = await solve("stepwise_chooser", lab, n=1, **options)
    assert outcome.trace["stopped"] == stopped
    assert outcome.chosen.text == "The answer is 7."


@pytest.mark.parametrize("text", ["Here it is:\n```json\n" + step("a") + "\n```", "<think>{</think>" + step("a")])
async def test_a_step_may_stand_among_other_words(text):
    (sample,) = await DeskLab({"answers": [text]}).generate(())
    assert read_step(sample).content == "a"
