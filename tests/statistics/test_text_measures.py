import pytest

from experiments.statistics.text_measures import n_sentences, n_steps, n_words, wording


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("", 0),
        ("Yes", 1),
        ("It is 3.14 in all.", 1),
        ("First. Then? Done!", 3),
        ("He said “no.” She left", 2),
        ("Well... perhaps.", 2),
        ("\n \n", 0),
    ],
)
def test_sentences(text, sentences):
    assert n_sentences(text) == sentences


def test_words_stand_between_blanks_and_steps_on_lines():
    assert n_words("  two\twords \n") == 2
    assert n_steps("one\n\ntwo\nthree") == 3
    assert n_steps("First this. Then that.") == 2


def test_the_same_words_have_one_number_whatever_stands_around_them():
    assert wording("The  answer: 3.\n") == wording("the answer 3") != wording("the answer 4")
    assert -(2**63) <= wording("") < 2**63
