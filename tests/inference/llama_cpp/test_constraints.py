"""Grammars and JSON schemas: whatever a small model is asked, its answer has the form."""

import asyncio
import json
import re

import numpy as np
import pytest
from scipy import stats

from experiments.domain.errors import PermanentInferenceError
from experiments.domain.types import FinishReason
from experiments.inference.llama_cpp import library
from experiments.inference.llama_cpp.json_schemas import rules_of
from experiments.inference.llama_cpp.native import EngineSettings, Model
from experiments.inference.llama_cpp.protocol import Refused
from experiments.inference.llama_cpp.sampler import Chooser, NothingFits, Sampler


@pytest.fixture(scope="module")
def vocabulary():
    return Model(EngineSettings(str(library.find(library.BUNDLED)), 256, 1, 2, 1, 0, 32, True))


class EvenTokens:
    """Allows even tokens."""

    def allows(self, token):
        return token % 2 == 0

    def allowed(self, tokens):
        return tokens % 2 == 0

    def accept(self, token):
        assert token % 2 == 0


@pytest.mark.parametrize("options", [{}, {"top_k": 4}, {"top_p": 0.9}])
def test_allowed_tokens_keep_their_proportions(options):
    """All draws that are put aside are likelier than most that are allowed."""
    n, logits = 20_000, np.log(np.array([1, 9, 2, 9, 3, 9, 4, 9], np.float32))
    chooser, sampler = Chooser(8), Sampler(1, 1.0, **options, constraint=EvenTokens())
    counts = np.bincount([chooser.choose(logits, sampler)[0] for _ in range(n)], minlength=8)
    # Of the allowed ones, top-p 0.9 of what is left keeps all four: the three likeliest make exactly 0.9, and 1 the rest.
    kept = np.array([1, 2, 3, 4]) if "top_p" not in options else np.array([0, 2, 3, 4])
    expected = kept / kept.sum() * n
    often = expected > 0
    assert not counts[1::2].any()
    assert not counts[::2][~often].any()
    assert stats.chisquare(counts[::2][often], expected[often]).pvalue > 1e-3


def test_a_constraint_that_allows_nothing_possible_is_told_apart():
    logits = np.array([-np.inf, 0, -np.inf, 1], np.float32)
    with pytest.raises(NothingFits):
        Chooser(4).choose(logits, Sampler(1, 1.0, constraint=EvenTokens()))


async def test_answers_obey_a_grammar_beside_others_that_have_none(engine, a_request):
    rules = ('root ::= digit digit "-" word', "digit ::= [0-9]", 'word ::= "red" | "green"')
    constrained = [engine.generate(a_request(seed=seed, temperature=1.0, grammar=rules)) for seed in range(6)]
    free = [engine.generate(a_request(seed=seed)) for seed in range(2)]
    *obedient, first, second = await asyncio.gather(*constrained, *free)
    for generation in obedient:
        assert re.fullmatch(r"\d\d-(red|green)", generation.text)
        assert generation.finish_reason == FinishReason.STOP
    assert len({generation.text for generation in obedient}) > 1
    assert len(first.text) > 20
    assert first.text != second.text


SCHEMA = {
    "type": "object",
    "title": "A person",
    "properties": {
        "name": {"type": "string", "minLength": 1, "maxLength": 12},
        "age": {"type": "integer"},
        "mood": {"enum": ["good", 'so-"so"', None]},
        "tags": {"type": "array", "items": {"type": "string", "maxLength": 8}, "minItems": 1, "maxItems": 3},
        "friend": {"anyOf": [{"$ref": "#/$defs/name"}, {"type": "null"}]},
    },
    "required": ["name", "mood", "friend"],
    "$defs": {"name": {"type": "string", "maxLength": 10}},
}


@pytest.mark.parametrize("options", [{"temperature": 1.0}, {"temperature": 0.7, "top_p": 0.9}, {"temperature": 0}])
async def test_answers_satisfy_a_schema(engine, a_request, options):
    requests = [a_request("Describe a person.", seed=seed, max_tokens=160, json_schema=SCHEMA, **options) for seed in range(2)]
    for generation in await asyncio.gather(*map(engine.generate, requests)):
        assert generation.finish_reason == FinishReason.STOP
        person = json.loads(generation.text)
        assert set(SCHEMA["required"]) <= set(person) <= set(SCHEMA["properties"])
        assert list(person) == [name for name in SCHEMA["properties"] if name in person]
        assert 1 <= len(person["name"]) <= 12
        assert person["mood"] in ("good", 'so-"so"', None)
        assert person["friend"] is None or len(person["friend"]) <= 10
        assert isinstance(person.get("age", 0), int)
        assert 1 <= len(person.get("tags", ["x"])) <= 3


@pytest.mark.parametrize("written", ["", "12", '12 "é'])
def test_asking_about_all_tokens_at_once_agrees_with_asking_about_a_few_at_a_time(vocabulary, written):
    grammar = vocabulary.grammar('root ::= [0-9]+ " \\"" [^"\\n]* "\\""')
    for token in vocabulary.tokenise(written, parse_special=False):
        assert grammar.allows(token)
        grammar.accept(token)
    tokens = np.arange(vocabulary.n_vocab)
    together = grammar.allowed(tokens)
    np.testing.assert_array_equal(together, np.concatenate([grammar.allowed(part) for part in np.array_split(tokens, 100)]))
    assert 0 < together.sum() < len(tokens)


async def test_a_schema_that_refers_to_itself_is_followed(engine, a_request):
    tree = {
        "type": "object",
        "properties": {"left": {"anyOf": [{"$ref": "#/$defs/tree"}, {"type": "null"}]}},
        "required": ["left"],
    }
    schema = {"$defs": {"tree": tree}, "$ref": "#/$defs/tree"}
    generation = await engine.generate(a_request(json_schema=schema, max_tokens=40))
    if generation.finish_reason == FinishReason.STOP:
        assert "left" in json.loads(generation.text)
    else:
        assert re.match(r'\{\s*"left"\s*:\s*(\{|n)', generation.text)


@pytest.mark.parametrize(
    ("schema", "why"),
    [
        ({}, "the schema has no type"),
        ({"type": "integer", "minimum": 3}, "“minimum” in the schema"),
        ({"type": "string", "pattern": "^a+$"}, "“pattern” in the schema"),
        ({"type": "string", "format": "date"}, "“format”"),
        ({"type": "object", "properties": {"a": {"type": "number", "multipleOf": 2}}}, "“multipleOf” in “a”"),
        ({"type": "object", "properties": {}, "required": ["b"]}, "requires “b”"),
        ({"type": "object", "properties": {"a": {"type": "null"}}, "additionalProperties": {"type": "null"}}, "others as well"),
        ({"oneOf": [{"type": "null"}]}, "no type"),
        ({"type": "array", "uniqueItems": True}, "“uniqueItems”"),
        ({"type": "array", "items": {"type": "null"}, "minItems": 5, "maxItems": 3}, "lengths"),
        ({"type": "string", "maxLength": 100_000}, "between 0 and 1,000"),
        ({"$ref": "https://example.com/schema"}, "refers to https://example.com/schema"),
        ({"type": "object", "properties": 7}, "malformed"),
    ],
)
def test_a_schema_that_cannot_be_converted_is_an_error(schema, why):
    with pytest.raises(Refused, match=re.escape(why)):
        rules_of(schema)


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"grammar": ('root ::= "a',)}, "unexpected end of input"),
        ({"grammar": ("root ::= other",)}, "Undefined rule identifier 'other'"),
        ({"grammar": ('root ::= root "a" | "b"',)}, "left recursion"),
        ({"grammar": ('start ::= "a"',)}, "does not contain a 'root' symbol"),
        ({"grammar": ('root ::= "a"',), "json_schema": {"type": "null"}}, "Leave one of them out"),
        ({"json_schema": {"type": "integer", "minimum": 0}}, "“minimum”"),
    ],
)
async def test_a_grammar_that_cannot_be_used_fails_its_request_only(engine, a_request, options, why):
    with pytest.raises(PermanentInferenceError, match=re.escape(why)):
        await engine.generate(a_request(**options))
    assert (await engine.generate(a_request(max_tokens=1))).text


async def test_a_grammar_holds_for_the_answer_with_its_prefix(engine, a_request):
    request = a_request(temperature=1.0, grammar=('root ::= "The colour is " ("red" | "blue") "."',))
    more = await engine.generate(type(request)(request.messages, request.decoding, 1, prefix="The colour is r"))
    assert more.text == "ed."
    with pytest.raises(PermanentInferenceError, match="does not fit the grammar"):
        await engine.generate(type(request)(request.messages, request.decoding, 1, prefix="No colour at all"))
