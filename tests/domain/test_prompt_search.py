"""The gate, the split, and what is read of an optimiser's answer."""

import pytest

from experiments.domain.prompt_search import Reply, Scores, batch, read_proposal, report, split


def reply(failure: str = "", text: str = "text") -> Reply:
    return Reply("p", "2 + 2 =", text, not failure, not failure, not failure, failure)


@pytest.mark.parametrize(
    ("now", "is_better"),
    [
        ((21, 30, 40), True),  # more usable
        ((20, 31, 40), True),  # as many usable, more valid
        ((20, 30, 45), False),  # more right, but no more usable
        ((19, 50, 50), False),
        ((30, 40, 39), True),  # 2 points of accuracy lost
        ((30, 40, 38), False),  # 4 points
    ],
)
def test_a_prompt_must_gain_and_may_lose_two_points_of_accuracy(now, is_better):
    assert Scores(*now, 50).improves_on(Scores(20, 30, 40, 50)) == is_better


def test_ninety_nine_valid_of_a_hundred_are_enough():
    assert Scores(0, 99, 0, 100).is_enough
    assert not Scores(98, 98, 98, 100).is_enough


def test_parts_have_no_problem_in_common_and_follow_the_seed():
    keys = [f"p{i}" for i in range(50)]
    train, val, test = split(keys, 1, 10, 15)
    assert sorted(train + val + test) == sorted(keys)
    assert (len(train), len(val), len(test)) == (25, 10, 15)
    assert split(keys, 1, 10, 15) == (train, val, test) != split(keys, 2, 10, 15)
    assert set(batch(train, 1, 1, 8)) <= set(train)
    assert batch(train, 1, 1, 8) != batch(train, 1, 2, 8)
    assert len(set(batch(train, 1, 1, 8))) == 8


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("Try being nicer.", "no prompt between"),
        ("<prompt>  </prompt>", "no prompt between"),
        ("<prompt>never closed", "no prompt between"),
        (f"<prompt>{'word ' * 401}</prompt>", "401 words"),
        ("<prompt> now </prompt>", "same prompt again"),
    ],
)
def test_an_answer_without_a_usable_prompt_is_complained_about(text, complaint):
    proposal = read_proposal(text, "now")
    assert complaint in proposal.complaint
    assert proposal.prompt == ""


def test_the_last_prompt_is_taken_with_the_diagnosis():
    proposal = read_proposal("<diagnosis>no\nJSON</diagnosis><prompt>a</prompt> or <prompt>\nb {x}\n</prompt>", "now")
    assert (proposal.prompt, proposal.diagnosis, proposal.complaint) == ("b {x}", "no JSON", "")


def test_a_report_counts_failures_and_shows_two_of_each_kind():
    replies = [reply("no JSON", f"bare {i}") for i in range(3)] + [reply("text after", "{} and"), reply(text="fine")]
    told = report("be good", replies, [("older", Scores(1, 2, 3, 5))])
    assert "- no JSON: 3\n- text after: 1" in told
    assert "bare 1" in told
    assert "bare 2" not in told
    assert "Reply: fine" in told
    assert "1 usable, 2 valid, 3 right of 5:\n<tried>\nolder" in told
