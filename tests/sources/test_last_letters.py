import pytest

from experiments.domain.errors import SourceError
from experiments.sources.base import sources
from experiments.sources.last_letters import WORDS


def made(**options):
    return list(sources.build("last_letters", options).problems())


def test_the_answer_is_the_last_letters_in_the_order_of_the_words():
    for draft in made(size=20, words=3):
        words = draft.question.split("“")[1].split("”")[0].split()
        assert len(words) == 3
        assert draft.answers == (words[0][-1] + words[1][-1] + words[2][-1],)


def test_no_two_problems_have_the_same_words_and_the_seed_decides_them():
    assert len({draft.question for draft in made(size=200)}) == 200
    assert made(seed=1) == made(seed=1) != made(seed=2)


def test_more_problems_than_there_are_are_refused():
    assert len(made(size=len(WORDS), words=1)) == len(WORDS)
    with pytest.raises(SourceError, match="there are only"):
        made(size=len(WORDS) + 1, words=1)
