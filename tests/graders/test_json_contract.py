"""Right and valid at once, and what else the grader tells of a reply."""

import pytest

from experiments.domain.errors import InvalidInput
from experiments.domain.types import FinishReason, Message, Question, Target, Verdict
from experiments.graders.base import graders

QUESTION = Question("q", (Message("user", "3 + 4 ="),))


def mark(reply: str, finish_reason: FinishReason = FinishReason.STOP, **options):
    return graders.build("json_contract", options).mark(reply, finish_reason, QUESTION, Target(("7",)))


def details(valid=False, right_strict=False, right=False, failure="", repaired=False) -> dict:
    return {"valid": valid, "right_strict": right_strict, "right": right, "failure": failure, "repaired": repaired}


@pytest.mark.parametrize(
    ("reply", "verdict", "told"),
    [
        ('{"reasoning": "3 + 4", "answer": 7}', Verdict.CORRECT, details(True, True, True, repaired=True)),
        ('{"reasoning": "3 + 4", "answer": "7"}', Verdict.CORRECT, details(True, True, True, repaired=True)),
        ('{"reasoning": "it is 7", "answer": 8}', Verdict.WRONG, details(True, repaired=True)),
        ("The answer is 7.", Verdict.UNPARSED, details(right=True, failure="no JSON")),
        ("The answer is 8.", Verdict.UNPARSED, details(failure="no JSON")),
        (
            '```json\n{"reasoning": "of 9", "answer": 7}\n```',
            Verdict.UNPARSED,
            details(right=True, failure="JSON in a markdown fence", repaired=True),
        ),
        (
            '{"reasoning": "The answer is 7", "answer": "see above"}',
            Verdict.UNPARSED,
            details(True, right=True, failure="answer not in its field", repaired=True),
        ),
    ],
)
def test_usable_means_right_and_valid_at_once(reply, verdict, told):
    given = mark(reply)
    assert (given.verdict, given.details) == (verdict, told)


def test_a_reply_that_was_cut_off_is_not_wrong():
    given = mark('{"reasoning": "3 + ', FinishReason.LENGTH)
    assert (given.verdict, given.score, given.details["failure"]) == (Verdict.TRUNCATED, None, "cut off")
    assert mark('{"reasoning": "", "answer": 7}', FinishReason.LENGTH).verdict == Verdict.CORRECT


def test_thinking_before_the_reply_is_not_part_of_it():
    assert mark('<think>3 + 4</think>\n{"reasoning": "", "answer": 7}').verdict == Verdict.CORRECT


def test_a_contract_of_ones_own():
    contract = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}
    assert mark('{"n": 7}', contract=contract, answer_field="n").verdict == Verdict.CORRECT
    assert mark('{"n": "7"}', contract=contract, answer_field="n").details["failure"] == "wrong type"
    with pytest.raises(InvalidInput, match="does not describe the field “answer”"):
        graders.build("json_contract", {"contract": contract})
    with pytest.raises(InvalidInput, match="no JSON schema"):
        graders.build("json_contract", {"contract": {"type": "thing"}})


def test_the_comparison_is_that_of_the_usual_grader():
    reply = '{"reasoning": "", "answer": "Seven"}'
    given = graders.build("json_contract", {"comparison": "exact"}).mark(reply, FinishReason.STOP, QUESTION, Target(("seven",)))
    assert (given.verdict, given.canonical) == (Verdict.CORRECT, "seven")
