"""Which answer a verifier-free loop hands in."""

import pytest

from tests.factories import make_language_model
from tests.strategies.refining import attempt_of, texts

pytestmark = pytest.mark.django_db(transaction=True)

LOOP = {"schedule": "resample", "depth": 6}
WHICH, WEIGH = "Which one is most likely right?", "Weigh them against each other"


def kept(keeps: str, *answers: str, **rules) -> tuple[str, str]:
    script = make_language_model(answers=answers or ("The answer is 3.", "The answer is 4."), rules=rules.pop("rules", {}))
    attempt = attempt_of("heart", {**LOOP, "keeps": keeps, **rules}, language_model=script)
    return attempt.chosen.text, attempt.trace["kept"]


def test_the_majority_ignores_texts_without_an_answer():
    text, why = kept("majority", "No idea.", "No clue.", "Who knows?", "The answer is 4.")
    assert text == "The answer is 4."
    assert why.endswith("of 6 votes")
    assert kept("majority", "No idea.") == ("No idea.", "the last text, for no answer was found in any")


def test_the_best_is_the_one_with_the_highest_score():
    script = make_language_model(answers=["The answer is 3.", "The answer is 4."])
    attempt = attempt_of("heart", {**LOOP, "keeps": "best"}, language_model=script)
    assert attempt.chosen.mean_logprob == max(attempt.samples.values_list("mean_logprob", flat=True))
    assert attempt.trace["kept"].startswith("the highest of 6 scores, -")


def test_a_call_that_names_a_number_chooses_and_one_that_names_none_leaves_it_to_the_majority():
    text, why = kept("choose", rules={WHICH: ["Surely number 2, of 99."]})
    assert why == "number 2 of 2 distinct texts, chosen by a call"
    assert text in ("The answer is 3.", "The answer is 4.")
    assert kept("choose", rules={WHICH: ["None of 0 or 77."]})[1].endswith("votes; the final call named no answer")
    assert kept("choose", "The answer is 3.")[1] == "all texts are the same"


def test_a_final_call_may_write_the_answer_and_it_counts_as_one():
    script = make_language_model(rules={WEIGH: ["The answer is 12."]})
    attempt = attempt_of("heart", {**LOOP, "keeps": "synthesise"}, language_model=script)
    assert attempt.chosen.text == "The answer is 12."
    assert (attempt.n_samples, len(texts(attempt))) == (7, 7)
    assert attempt.chosen.index not in attempt.trace["chains"][0]["answers"]
