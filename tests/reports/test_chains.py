"""Chains out of rows: rounds, what was said, what changed, and what became of the verdict."""

from experiments.domain.wording import Change
from experiments.reports.attempt_texts import AttemptText
from experiments.reports.chains import draw_chains, is_chain


def text(pk: int, words: str, parent: int | None = None, verdict: str = "wrong", purpose: str = "answer") -> AttemptText:
    return AttemptText(pk, pk, parent, purpose, words, verdict=verdict)


def feedback(pk: int, words: str, parent: int) -> AttemptText:
    return text(pk, words, parent, "", "feedback")


#: Two chains side by side; the first is talked out of a right answer and back into it.
TEXTS = [
    text(1, "It is 3.", verdict="correct"),
    text(2, "It is 9."),
    feedback(3, "Count again.", 1),
    feedback(4, "Too many.", 2),
    text(5, "It is 4.", 3),
    text(6, "It is 8.", 4),
    feedback(7, "Too few.", 5),
    text(8, "It is 3.", 7, "correct"),
]
TRACE = {
    "chains": [
        {"answers": [1, 5, 8], "cues": ["errors found", "errors found"], "stopped": "all answers given"},
        {"answers": [2, 6], "cues": ["errors found"], "stopped": "no error found"},
    ],
    "kept": "the last answer",
}


def test_each_round_shows_what_was_said_and_what_changed_word_by_word():
    first, second = draw_chains(TEXTS, 8, TRACE).chains
    assert [each.answer.pk for each in first.rounds] == [1, 5, 8]
    assert first.rounds[0].changes is None
    assert first.rounds[0].feedback.text == "Count again."
    assert first.rounds[0].cue == "errors found"
    assert first.rounds[1].changes == [
        Change("same", "It is "),
        Change("removed", "3"),
        Change("added", "4"),
        Change("same", "."),
    ]
    assert first.rounds[2].feedback is None
    assert second.stopped == "no error found"


def test_a_verdict_that_turned_says_which_way():
    first, second = draw_chains(TEXTS, 8, TRACE).chains
    assert [each.turned for each in first.rounds] == ["", "right turned wrong", "wrong turned right"]
    assert [each.turned for each in second.rounds] == ["", ""]


def test_the_answer_handed_in_is_marked_with_why():
    drawn = draw_chains(TEXTS, 8, TRACE)
    assert [each.is_chosen for each in drawn.chains[0].rounds] == [False, False, True]
    assert drawn.kept == "the last answer"


def test_before_the_end_chains_follow_from_who_answers_whom():
    growing = draw_chains(TEXTS, None, {})
    assert [[each.answer.pk for each in chain.rounds] for chain in growing.chains] == [[1, 5, 8], [2, 6]]
    assert [chain.stopped for chain in growing.chains] == ["", ""]
    assert growing.closing == []


def test_chains_told_as_mere_lists_are_read_too():
    drawn = draw_chains([text(1, "a"), text(2, "b", 1)], 2, {"chains": [[1, 2]], "chosen_by": "highest score"})
    assert [each.answer.pk for each in drawn.chains[0].rounds] == [1, 2]
    assert drawn.kept == "highest score"


def test_what_was_written_after_all_chains_stands_apart():
    final = text(9, "Weighed: 3.", 8, "correct")
    drawn = draw_chains([*TEXTS, final], 9, TRACE)
    assert drawn.closing == [final]


def test_the_same_answer_again_is_unchanged():
    drawn = draw_chains([text(1, "same"), text(2, "same", 1)], None, {})
    assert [each.is_unchanged for each in drawn.chains[0].rounds] == [False, True]


def test_a_pool_is_no_chain():
    assert is_chain(TEXTS)
    assert not is_chain([text(1, "a"), text(2, "b")])


def test_what_the_method_said_in_its_own_words_stands_with_the_answer_it_was_said_about():
    trace = {"chains": [{"answers": [1, 2], "cues": ["fear"], "said": ["Check every step."], "stopped": ""}]}
    first, last = draw_chains([text(1, "It is 4."), text(2, "It is 3.", 1)], None, trace).chains[0].rounds
    assert (first.cue, first.said) == ("fear", "Check every step.")
    assert (last.cue, last.said) == ("", "")
