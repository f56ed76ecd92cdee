"""Verifiers that ask nobody: numbers taken while writing, lengths, votes and the control."""

import math

import pytest

from experiments.domain.types import Decoding, FinishReason
from experiments.verifiers.base import verifiers
from tests.verifiers.scripted_lab import QUESTION, ScriptedLab, text


async def score(name: str, sample, lab=None, **params):
    return await verifiers.build(name, params).score(QUESTION, sample, lab or ScriptedLab())


async def test_logprobs_of_a_whole_text_are_those_of_its_parts_too():
    whole = text(0, "b c", token_logprobs=(-1.0, -2.0), prefix="a ", prefix_logprobs=(-0.5,))
    assert await score("mean_logprob", whole) == pytest.approx(-3.5 / 3)
    assert await score("sequence_logprob", whole) == pytest.approx(-3.5)


@pytest.mark.parametrize("name", ["mean_logprob", "sequence_logprob"])
async def test_a_beginning_that_was_given_and_not_written_leaves_no_score(name):
    assert await score(name, text(0, "b", token_logprobs=(-1.0,), prefix="a ", prefix_logprobs=None)) is None
    assert await score(name, text(0, "b", token_logprobs=None)) is None
    assert await score(name, text(0, "", token_logprobs=())) is None


async def test_certainty_and_entropy_are_what_was_measured_while_writing():
    sample = text(0, "7", measures={"entropy": 0.25, "self_certainty": 11.5})
    assert await score("self_certainty", sample) == 11.5
    assert await score("entropy", sample) == -0.25
    assert await score("self_certainty", text(0, "7")) is await score("entropy", text(0, "7")) is None


async def test_length_counts_the_whole_text_in_either_direction():
    sample = text(0, "four five", prefix="one two three ")
    assert await score("length", sample) == -5
    assert await score("length", sample, prefer="longer") == 5
    assert await score("length", sample, prefer="longer", unit="characters") == len("one two three four five")


async def test_the_control_follows_from_seed_salt_and_place_and_not_from_the_text():
    first = await score("random", text(0, "7"))
    assert first == await score("random", text(0, "something else"))
    others = {
        await score("random", text(1, "7")),
        await score("random", text(0, "7"), salt=1),
        await score("random", text(0, "7"), ScriptedLab(seed=2)),
    }
    assert len(others | {first}) == 4
    assert all(0 <= each < 1 for each in others)


async def test_the_control_is_uniform():
    scores = [await score("random", text(i, "7")) for i in range(2000)]
    assert sum(scores) / 2000 == pytest.approx(0.5, abs=4 * math.sqrt(1 / 12 / 2000))


async def test_self_consistency_is_the_share_of_all_texts_with_the_same_answer():
    pool = [text(i, written) for i, written in enumerate(["7", "It is 7", "8", "I do not know"])]
    assert await verifiers.build("self_consistency").score_pool(QUESTION, pool, ScriptedLab()) == [0.5, 0.5, 0.25, None]


async def test_lookahead_writes_unfinished_texts_to_their_end_and_takes_the_others_as_they_are():
    pool = [
        text(0, "It is 7"),
        text(1, "3 + 4", finish_reason=FinishReason.LENGTH),
        text(2, "First, 3.", stop_string="\n\n"),
        text(3, "8"),
    ]
    lab = ScriptedLab(answers=("3 + 4 = 7", "First, 3.\n\nThen 7"))
    scores = await verifiers.build("majority_lookahead").score_pool(QUESTION, pool, lab)
    assert scores == [0.75, 0.75, 0.75, 0.25]
    assert lab.prefixes == ["3 + 4", "First, 3.\n\n"]
    assert lab.notes == {1: {"rollouts": 1}, 2: {"rollouts": 1}}


async def test_a_rollout_without_an_answer_has_no_score():
    lab = ScriptedLab(answers=("Well, and so on",))
    pool = [text(0, "Well", finish_reason=FinishReason.LENGTH), text(1, "7")]
    assert await verifiers.build("majority_lookahead").score_pool(QUESTION, pool, lab) == [None, 0.5]


async def test_a_reward_is_that_of_the_whole_conversation():
    heard = []
    lab = ScriptedLab(reward=lambda messages: heard.append(messages) or -3.25)
    assert await score("reward_model", text(0, "7", prefix="It is "), lab) == -3.25
    ((*asked, answer),) = heard
    assert tuple(asked) == QUESTION.messages
    assert (answer.role, answer.content) == ("assistant", "It is 7")
    assert await score("reward_model", text(0, "7")) is None


@pytest.mark.parametrize("name", verifiers.names())
def test_every_verifier_says_what_it_costs_and_where_it_misleads(name):
    description = verifiers.get(name).__doc__
    assert len(description.strip().split("\n\n")) >= 2
    assert "cost" in description.lower()
    assert any(word in description.lower() for word in ("mislead", "prefer", "favour", "control", "fails"))


def test_a_judge_is_asked_with_a_decoding_of_its_own():
    assert verifiers.build("llm_judge").decoding == Decoding(temperature=0, max_tokens=256)
