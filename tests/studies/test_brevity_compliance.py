"""Who keeps to the limit, apart from who is right."""

import pytest

from tests.studies.brevity_pools import condition, findings, pool


def told(brief):
    control = [pool(each.problem, [1, 0, 0], 50, 40) for each in brief]
    return findings(condition("control", control), condition("brief", brief))["compliance"]


def test_an_answer_that_was_cut_off_neither_keeps_the_limit_nor_breaks_it():
    found = told([pool("a", [1, 0, 0], 10, 15, [0, 1, 0]), pool("b", [1, 0, 0], 10, 30, [0, 0, 1])])
    assert found.estimates["at most 20 words: answers within the limit"].value == 0.5
    assert found.estimates["at most 20 words: cut off"].value == pytest.approx(1 / 3)
    assert found.estimates["at most 20 words: length by limit"].value == pytest.approx((15 / 20 + 30 / 20) / 2)


def test_accuracy_is_told_with_cut_off_answers_wrong_and_without_them():
    found = told([pool("a", [1, 0, 0], 10, 15, [0, 1, 0]), pool("b", [1, 1, 0], 10, 30, [0, 0, 1])])
    assert found.estimates["at most 20 words: accuracy, cut off is wrong"].value == pytest.approx(3 / 6)
    assert found.estimates["at most 20 words: accuracy, cut off left out"].value == pytest.approx(3 / 4)
    row = found.details["table"]["rows"][1]
    assert (row[0], row[1], row[5]) == ("at most 20 words", "2", "0.00 [0.00, 0.00]")


def test_the_histogram_counts_answers_by_words_and_marks_the_limit():
    figure = told([pool("a", [1, 0, 0], 10, [3, 3, 90]), pool("b", [1, 0, 0], 10, [20, 21, 22])]).figure
    assert figure.x_marks == {"at most 20 words": 20}
    control, brief = figure.series
    assert [sum(line.y) for line in (control, brief)] == pytest.approx([1, 1])
    assert brief.y[0] == pytest.approx(1 / 3), "two of three answers to one of two problems"
    assert brief.y[-1] == pytest.approx(1 / 6), "the longest answer is in the last bin, which has no upper end"


def test_where_all_answers_were_cut_off_nothing_is_said_of_the_limit():
    found = told([pool("a", [0, 0, 0], 10, 15, [1, 1, 1])])
    assert "every answer was cut off" in found.sentence
    assert found.details["table"]["rows"][1][2:4] == ["–", "–"]


def test_limits_at_one_place_share_a_mark():
    brief = [pool("a", [1, 0, 0], 10, 15)]
    control = [pool("a", [1, 0, 0], 50, 40)]
    cells = [condition("control", control), condition("brief", brief), condition("direct", brief)]
    assert findings(*cells, words=10)["compliance"].figure.x_marks == {"at most 10 words, direct answer": 10}
