"""Every kind of failed JSON has an example, and no text at all makes the classifier fail."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.domain.json_contract import CONTRACT, bounded, complaint_about, repaired, satisfies, violations
from experiments.domain.json_failures import Failure, failure_of

GOOD = '{"reasoning": "3 + 4", "answer": 7}'


def kind(reply: str, was_cut_off: bool = False) -> Failure | None:
    return failure_of(reply, was_cut_off, CONTRACT, "answer", lambda value: value not in ("", "see above"))


EXAMPLES = [
    (Failure.EMPTY, "  \n"),
    (Failure.EMPTY, "I'm sorry, I cannot do that."),
    (Failure.NO_JSON, "The answer is 7."),
    (Failure.NO_JSON, r"It is \frac{14}{2} = 7."),
    (Failure.FENCE, f"```json\n{GOOD}\n```"),
    (Failure.FENCE, f"Here you are:\n```\n{GOOD}\n```\nI hope this helps."),
    (Failure.TEXT_BEFORE, f"Sure! {GOOD}"),
    (Failure.TEXT_AFTER, f"{GOOD}\nI hope this helps."),
    (Failure.SEVERAL, f"{GOOD}\n{GOOD}"),
    (Failure.NOT_QUITE_JSON, "{'reasoning': '3 + 4', 'answer': 7}"),
    (Failure.NOT_QUITE_JSON, '{"reasoning": "", "answer": None}'),
    (Failure.NOT_QUITE_JSON, '{"reasoning": "", "answer": 7 // done\n}'),
    (Failure.NOT_QUITE_JSON, '{"reasoning": "3 + 4", "answer": 7,}'),
    (Failure.BAD_ESCAPE, r'{"reasoning": "\(3 + 4\)", "answer": 7}'),
    (Failure.RAW_CONTROL, '{"reasoning": "3 + 4\n= 7", "answer": 7}'),
    (Failure.UNTERMINATED, '{"reasoning": "3 + 4'),
    (Failure.UNTERMINATED, '{"reasoning": "3 + 4", "answer": 7'),
    (Failure.WRONG_TOP, f"[{GOOD}]"),
    (Failure.WRONG_TOP, "7"),
    (Failure.MISSING_FIELD, '{"answer": 7}'),
    (Failure.WRONG_TYPE, '{"reasoning": 3, "answer": 7}'),
    (Failure.WRONG_TYPE, '{"reasoning": "", "answer": true}'),
    (Failure.EXTRA_FIELD, '{"reasoning": "", "answer": 7, "unit": "km"}'),
    (Failure.ANSWER_ELSEWHERE, '{"reasoning": "It is 7", "answer": "see above"}'),
    (Failure.OTHER, '{"reasoning": "3 + 4" "answer": 7}'),
]


@pytest.mark.parametrize(("expected", "reply"), EXAMPLES)
def test_each_kind_is_told_from_the_others(expected, reply):
    assert kind(reply) == expected
    assert satisfies(reply, CONTRACT) is (expected == Failure.ANSWER_ELSEWHERE)


def test_every_kind_has_an_example():
    assert {expected for expected, _ in EXAMPLES} == set(Failure) - {Failure.CUT_OFF}


def test_what_was_cut_off_is_that_before_anything_else_unless_it_can_be_used():
    assert kind('Sure! {"reasoning": "3', was_cut_off=True) == Failure.CUT_OFF
    assert kind(GOOD, was_cut_off=True) is None
    assert kind(GOOD) is None


def test_the_first_kind_that_fits_wins():
    assert kind('Sure! ```json\n{"answer": 7}\n```') == Failure.FENCE
    assert kind("{'reasoning': 'x'} Done.") == Failure.TEXT_AFTER
    assert kind('{"answer": true, "unit": "km"}') == Failure.MISSING_FIELD


@given(st.text(max_size=200), st.booleans())
def test_no_text_makes_it_fail(reply, was_cut_off):
    assert kind(reply, was_cut_off) in {*Failure, None}
    repaired(reply)


names = st.sampled_from(["reasoning", "answer", "x"])
json_values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
    max_leaves=6,
)


@given(json_values, st.integers(0, 60), st.sampled_from(["", "'", '"', "{", "}", "\\", "```\n", "\n", "[", "//", ","]))
def test_broken_json_of_any_kind_has_exactly_the_label_that_its_validity_allows(value, at, slip):
    text = json.dumps(value)
    reply = text[:at] + slip + text[at:]
    found = kind(reply)
    repaired(reply)
    if satisfies(reply, CONTRACT):
        assert found in (None, Failure.ANSWER_ELSEWHERE)
    else:
        assert found in set(Failure) - {Failure.CUT_OFF, Failure.ANSWER_ELSEWHERE}


def test_numbers_that_json_does_not_know_and_endless_nesting_are_invalid():
    assert not satisfies('{"reasoning": "", "answer": NaN}', CONTRACT)
    assert not satisfies("[" * 100_000, CONTRACT)
    assert kind("[" * 100_000) == Failure.NO_JSON


def test_a_fence_is_stripped_only_where_it_encloses_the_whole():
    inside = '{"reasoning": "write ```x``` here", "answer": 7}'
    assert repaired(f"```json\n{inside}\n```") == json.loads(inside)
    assert repaired(inside) == json.loads(inside)
    assert repaired("{'reasoning': '3 + 4', 'answer': 7,}") == {"reasoning": "3 + 4", "answer": 7}
    assert repaired("The answer is 7.") is None


def test_strings_are_bounded_wherever_they_are():
    held = bounded(CONTRACT, 50)
    assert held["properties"]["reasoning"] == {"type": "string", "maxLength": 50}
    assert held["properties"]["answer"] == {"anyOf": [{"type": "string", "maxLength": 50}, {"type": "number"}]}
    assert held["required"] == ["reasoning", "answer"]
    assert bounded({"type": "array", "items": {"type": "string", "maxLength": 9}}, 50)["items"]["maxLength"] == 9
    assert bounded({"type": "string", "enum": ["A", "B"]}, 50) == {"type": "string", "enum": ["A", "B"]}


def test_contracts_that_cannot_be_are_named():
    assert complaint_about(CONTRACT, "answer") == ""
    assert "no JSON schema" in complaint_about({"type": "thing"}, "answer")
    assert "“result”" in complaint_about(CONTRACT, "result")


def test_a_reference_to_another_host_is_not_followed():
    assert violations({"answer": 7}, {"properties": {"answer": {"$ref": "http://localhost:1/schema.json"}}}) is None
