"""The texts being written: the end of each, in order, not more often than a few times a second."""

from experiments.runner import drafts
from experiments.runner.drafts import DraftBoard


def test_only_the_end_of_a_long_text_is_shown_but_all_of_it_is_counted():
    board = DraftBoard(worker=9)
    board.write(1, attempt=5, problem="p0", index=0, text="Yes. " + "a" * 1000 + "end")
    (entry,) = board.take_due()[1, 9]
    lengths = {"words": 2, "sentences": 2}
    assert entry == {"attempt": 5, "problem": "p0", "index": 0, "text": "a" * 397 + "end", "lengths": lengths}


def test_texts_stand_in_the_order_of_attempt_and_index():
    board = DraftBoard(worker=9)
    for attempt, index in [(7, 1), (5, 2), (7, 0)]:
        board.write(1, attempt, "p", index, "text")
    assert [(each["attempt"], each["index"]) for each in board.take_due()[1, 9]] == [(5, 2), (7, 0), (7, 1)]


def test_a_run_is_not_written_again_in_the_same_moment_unless_all_is_asked_for(monkeypatch):
    monkeypatch.setattr(drafts, "SECONDS_BETWEEN_WRITES", 3600)
    board = DraftBoard(worker=9)
    board.write(1, 5, "p", 0, "one")
    assert board.take_due().keys() == {(1, 9)}
    board.write(1, 5, "p", 0, "two")
    board.write(2, 6, "p", 0, "other")
    assert board.take_due().keys() == {(2, 9)}
    assert board.has_changes
    assert board.take_due(everything=True)[1, 9][0]["text"] == "two"
    assert not board.has_changes


def test_a_finished_text_leaves_an_empty_list_once():
    board = DraftBoard(worker=9)
    board.write(1, 5, "p", 0, "text")
    board.take_due()
    board.drop(1, 5, 0)
    assert board.take_due(everything=True) == {(1, 9): []}
    board.drop(1, 5, 0)
    assert board.take_due(everything=True) == {}
