"""One feature is right for eight of ten, no other for more than seven, and every plate is its vehicle's own."""

from collections import Counter

from experiments.sources.base import sources
from experiments.sources.label_exceptions import FEATURES, MOST_BY_OTHERS, n_right


def made(**options):
    return list(sources.build("label_exceptions", options).problems())


def features_of(text):
    """Which of each two values the words name."""
    return tuple(int(names[1] in text) for names in FEATURES)


def test_the_rule_holds_for_eight_and_no_other_feature_for_more_than_seven():
    for draft in made(learners=60):
        vehicles = [(features_of(each["text"]), "AB".index(each["label"])) for each in draft.metadata["objects"]]
        assert Counter(label for _, label in vehicles) == {0: 5, 1: 5}
        by_feature = {"/".join(names): n_right(vehicles, place) for place, names in enumerate(FEATURES)}
        assert by_feature.pop(draft.metadata["rule"]) == 8
        assert max(by_feature.values()) <= MOST_BY_OTHERS


def test_the_question_asks_about_an_exception_and_every_plate_is_one_vehicles_own():
    for draft in made(learners=60):
        objects = draft.metadata["objects"]
        rule = ["/".join(names) for names in FEATURES].index(draft.metadata["rule"])
        first, *others = [(features_of(each["text"])[rule], each["label"]) for each in objects]
        assert sum(first == other for other in others) == 0
        assert objects[0]["text"] in draft.question
        assert draft.answers == (objects[0]["label"],)
        assert len({each["text"].rpartition("plate")[2] for each in objects}) == 10


def test_the_same_seed_gives_the_same_learners_and_more_of_them_keep_the_first():
    assert made(learners=2, seed=1) == made(learners=4, seed=1)[:2] != made(learners=2, seed=2)
