"""Datasets are stored whole or not at all, as versions that never change."""

import pytest

from experiments.domain.errors import InvalidInput, SourceError
from experiments.domain.types import ProblemDraft
from experiments.models import Dataset, Problem

pytestmark = pytest.mark.django_db


def store(drafts, name="sums"):
    return Dataset.objects.store(name, drafts, source="test", source_params={})


def sums(n):
    return [ProblemDraft(f"p{i}", f"{i} + 1 =", (str(i + 1),)) for i in range(n)]


def test_each_store_is_the_next_version():
    assert (store(sums(2)).version, store(sums(3)).version) == (1, 2)
    assert [str(dataset) for dataset in Dataset.objects.latest_versions()] == ["sums v2"]


def test_problems_keep_their_order_and_key_across_batches():
    dataset = store(sums(1203))
    assert dataset.n_problems == 1203
    assert list(dataset.problems.values_list("key", flat=True)) == [f"p{i}" for i in range(1203)]


def test_the_content_hash_tells_equal_from_different():
    assert store(sums(3)).content_hash == store(sums(3)).content_hash
    assert store(sums(3)).content_hash != store(sums(4)).content_hash


@pytest.mark.django_db(transaction=True)
def test_a_source_that_breaks_halfway_leaves_nothing():
    def broken():
        yield from sums(700)
        raise SourceError("row 701 is ragged", row=701)

    with pytest.raises(SourceError):
        store(broken())
    assert not Dataset.objects.exists()
    assert not Problem.objects.exists()


def test_an_empty_source_is_refused():
    with pytest.raises(InvalidInput, match="has no problems: nothing was saved"):
        store([])


def test_slots_offer_question_choices_and_plain_metadata_but_no_target():
    draft = ProblemDraft("p", "Largest?", ("B",), choices=("ant", "whale"), metadata={"topic": "zoo", "raw": {"x": 1}})
    problem = store([draft]).problems.get()
    assert problem.slots == {"topic": "zoo", "question": "Largest?", "choices": "A. ant\nB. whale"}
