"""The design of a study of distractors, and its findings against numbers worked by hand."""

from dataclasses import replace

import numpy as np
import pytest

from experiments.domain.errors import InvalidInput
from experiments.domain.types import Decoding, Plugin
from experiments.studies.base import studies
from tests.studies.compared_conditions import cell, found


def study(**options):
    return studies.build("distractors", {"kinds": ["documents", "hard"], "amounts": [2, 4], "n": 1} | options)


def test_every_kind_is_a_condition_in_every_number_and_with_sentences_against_it():
    cells = study(position="after", column="near").lay_out(["m"], ["v"], Decoding())
    assert [each.key.rpartition("-")[2] for each in cells] == [
        *("control", "repeat", "documents_2", "documents_4", "documents_4_ignore", "documents_4_quote"),
        *("hard_2", "hard_4", "hard_4_ignore", "hard_4_quote"),
    ]
    assert cells[2].treatment == Plugin("random_documents", {"amount": 2, "words": 40, "ask": "nothing", "position": "after"})
    assert cells[-1].treatment == Plugin(
        "hard_negatives", {"amount": 4, "words": 40, "ask": "quote", "position": "after", "column": "near"}
    )
    assert len(study(mitigation=False).lay_out(["m"], ["v"], Decoding())) == 6


@pytest.mark.parametrize(
    ("options", "said"),
    [({"amounts": [0]}, "Texts"), ({"amounts": [2, 2]}, "there twice"), ({"kinds": []}, "Kinds"), ({"kinds": ["fog"]}, "Kinds")],
)
def test_designs_that_make_no_sense_are_refused(options, said):
    with pytest.raises(InvalidInput, match=said):
        study(**options)


def test_too_few_problems_and_greedy_repeats_are_refused():
    with pytest.raises(InvalidInput, match="least 6"):
        study().check_problems(3)
    with pytest.raises(InvalidInput, match="temperature 0"):
        study(n=2).lay_out(["m"], ["v"], Decoding(temperature=0))


def taken(condition, which: list[bool], entropy: float = 1.0):
    """The condition with answers that do or do not stand in a distractor."""
    pools = [
        replace(pool, grading=[{"in_distractor": is_taken}], scores={"entropy": np.array([-entropy])})
        for pool, is_taken in zip(condition.pools, which, strict=True)
    ]
    return replace(condition, pools=pools)


def findings():
    none = [False] * 10
    return found(
        study(),
        taken(cell("control", [1] * 8 + [0] * 2, tokens=10), none),
        taken(cell("repeat", [1] * 8 + [0] * 2), none),
        taken(cell("documents_2", [1] * 7 + [0] * 3, tokens=12), none),
        taken(cell("documents_4", [1] * 6 + [0] * 4, tokens=15), none, entropy=1.5),
        taken(cell("hard_4", [1] * 2 + [0] * 8, tokens=20), [True] * 4 + [False] * 6),
        taken(cell("hard_4_ignore", [1] * 5 + [0] * 5), none),
    )


def test_the_headline_has_each_kind_at_its_largest_number():
    told = findings()["headline"]
    assert told.sentence.startswith("random documents × 4: accuracy 0.80 → 0.60 on 10 problems")
    assert told.estimates["hard negatives × 4: relative drop"].value == pytest.approx(0.75)
    assert told.estimates["the same prompt a second time: difference"].value == 0


def test_the_slope_is_that_of_a_line_through_the_points():
    told = findings()["counts"]
    assert told.estimates["random documents: change of accuracy per text"].value == pytest.approx(
        np.polyfit([0, 2, 4], [0.8, 0.7, 0.6], 1)[0]
    )
    assert [(series.name, series.x) for series in told.figure.series] == [
        ("random documents", [0, 2, 4]),
        ("hard negatives", [0, 4]),
    ]


def test_tokens_grow_and_the_change_of_entropy_is_told_where_it_was_measured():
    numbers = findings()["growth"].estimates
    assert numbers["random documents × 4: tokens written, ratio"].value == pytest.approx(1.5)
    assert numbers["random documents × 4: change of entropy in nats per token"].value == pytest.approx(0.5)
    assert not any("log-probability" in name for name in numbers)


def test_adoption_is_the_share_of_the_wrong_answers_that_stand_in_a_distractor():
    numbers = findings()["adoption"].estimates
    # Of eight wrong answers two are among the four that stand in a distractor; right ones do not count.
    assert numbers["hard negatives × 4: wrong answers out of a distractor"].value == pytest.approx(2 / 8)
    assert numbers["random documents × 4: wrong answers out of a distractor"].value == 0


def test_likeness_is_told_from_length_and_help_from_harm():
    assert findings()["kinds"].estimates["hard negatives against random documents, 4 of each"].value == pytest.approx(-0.4)
    assert findings()["mitigation"].estimates[
        "hard negatives × 4, ignore what is irrelevant: against the same without"
    ].value == pytest.approx(0.3)


def test_without_a_shared_problem_nothing_is_claimed():
    assert set(found(study(), cell("control", []), cell("hard_4", []))) == {"headline"}
