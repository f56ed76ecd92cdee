import pytest

from experiments.domain.lost_answers import names_before


@pytest.mark.parametrize(
    ("text", "taken", "answers", "question", "found"),
    [
        ("3 + 4 is 7. Wait, I forgot one: the answer is 8.", "8", ["7"], "3 + 4 =", True),
        ("The answer is 8. No, it is 7.", "8", ["7"], "3 + 4 =", False),  # it stands behind what was taken
        ("We get 17, so the answer is 8.", "8", ["7"], "3 + 4 =", False),  # 17 is another number
        ("We get 7.5, so the answer is 8.", "8", ["7"], "3 + 4 =", False),
        ("We get -7, so the answer is 8.", "8", ["7"], "3 + 4 =", False),
        ("7 + 0 is 8.", "8", ["7"], "7 + 0 =", False),  # the question says it
        ("It is paris. Or rather Lyon", "Lyon", ["London", "Paris"], "Capital?", True),
        ("<think>7</think>8", "8", ["7"], "3 + 4 =", False),  # what is thought is not said
        ("7 then 8", "8", [""], "3 + 4 =", False),
        ("7 it is", "8", ["7"], "3 + 4 =", True),  # what was taken was written otherwise: the whole text counts
    ],
)
def test_a_right_answer_counts_where_it_stands_before_the_one_that_was_taken(text, taken, answers, question, found):
    assert names_before(text, taken, answers, question) is found
