"""The design of a study of prompt sensitivity, what it reads out of sets, and one small run of the bundled model."""

from dataclasses import replace

import numpy as np
import pytest

from experiments.domain.errors import InvalidInput
from experiments.domain.types import Decoding, Plugin
from experiments.models import LanguageModel, Run, Sample
from experiments.reports.findings import refresh
from experiments.runner.planning import create_run
from experiments.statistics.costs import Cost
from experiments.studies.base import AttemptOutcome, ConditionPools, HeatMap, Setting, studies
from tests.factories import make_experiment, make_user
from tests.runner.working import work_until_idle
from tests.statistics.pools import pool

# The handbook's table, of index 0.416667, and one half as far apart.
TABLE = [[-2, -5, -6], [-4, -3, -7.5], [-3, -6, -4.5]]
HALF = [[-2, -4, -5.25], [-3, -3, -6], [-2.5, -4.5, -4.5]]


def study(**options):
    return studies.build("posix", options)


def condition(kind: str, *tables: list | None, model: str = "m") -> ConditionPools:
    """A set of three prompts for each table; None is a model that does not read texts. Answers 0, 0 (right) and 1."""
    pools = [pool([0, 0, 1], problem=f"p{i}", logprobs=[-0.5, -0.6, -0.75]) for i in range(len(tables))]
    traces = [
        {"lengths": [4, 5, 6], "written": [-2.4, -3, -4.5], "overlap": 0.5} | ({"logprobs": table} if table else {})
        for table in tables
    ]
    outcomes = [
        AttemptOutcome(each.problem, 0, True, 3, Cost(), Cost(), Cost(), trace) for each, trace in zip(pools, traces, strict=True)
    ]
    setting = Setting(model, "v", Decoding(), Plugin("prompt_set"), is_pool=False, uses_oracle=False)
    return ConditionPools(f"model1-{kind}", kind, pools, len(pools), outcomes, setting)


def findings(*conditions):
    return {found.key: found for found in study().findings(conditions, np.random.default_rng(0))}


def test_every_model_is_put_every_kind_of_set_greedily():
    cells = study(prompts=4, mixed=True).lay_out(["m1", "m2"], ["a", "b"], Decoding(max_tokens=5))
    assert [cell.key for cell in cells] == [
        f"model{i}-{kind}" for i in (1, 2) for kind in ("spelling", "templates", "paraphrases", "mixed")
    ]
    assert cells[0].treatment == Plugin("spelling_set", {"prompts": 4, "words": 3})
    assert cells[1].treatment == Plugin("template_set", {"prompts": 4})
    assert {(cell.variant, cell.decoding.temperature) for cell in cells} == {("a", 0.0)}
    assert [cell.strategy for cell in cells[:4]] == [Plugin("prompt_set", {"n": n}) for n in (4, 4, 2, 4)]


def test_paraphrases_need_a_second_variant():
    assert [cell.key for cell in study().lay_out(["m"], ["a"], Decoding())] == ["model1-spelling", "model1-templates"]
    with pytest.raises(InvalidInput, match="at least two prompt variants"):
        study(spelling=False, templates=False).lay_out(["m"], ["a"], Decoding())


def test_the_index_is_the_mean_over_sets():
    found = findings(condition("spelling", *[TABLE, HALF] * 5), condition("templates", *[HALF] * 10))
    index = found["headline"].estimates
    assert index["spelling errors: POSIX"].value == pytest.approx((0.416667 + 0.208333) / 2, abs=1e-6)
    assert index["spelling errors: POSIX"].n == 10
    assert index["templates: POSIX"].value == pytest.approx(0.208333, abs=1e-6)
    difference = found["kinds"].estimates["spelling errors against templates: POSIX"]
    assert difference.value == pytest.approx(0.104167, abs=1e-6)
    assert "spelling errors 0.31 [" in found["headline"].sentence
    assert found["kinds"].figure.x_labels == ["spelling errors", "templates"]


def test_how_often_answers_change_and_how_many_are_right():
    found = findings(condition("spelling", *[TABLE] * 8))
    assert found["flips"].estimates["spelling errors: answer-flip index"].value == pytest.approx(1 - (4 / 9 + 1 / 9))
    assert found["accuracy"].estimates["spelling errors: accuracy"].value == pytest.approx(2 / 3)
    assert "hardly anything varies" in found["accuracy"].sentence
    assert found["factors"].estimates["spelling errors: different answers"].value == 2


def test_sets_that_are_less_sensitive_and_more_often_right_correlate():
    sets = condition("spelling", *[TABLE, HALF] * 6)
    pools = [replace(each, correct=np.full(3, number % 2 == 1)) for number, each in enumerate(sets.pools)]
    found = findings(replace(sets, pools=pools))["accuracy"].estimates["spelling errors: rank correlation"]
    assert (found.value, found.n) == (pytest.approx(-1), 12)
    few = findings(condition("spelling", *[TABLE, HALF] * 4))["accuracy"].estimates["spelling errors: rank correlation"]
    assert few.value is None


def test_the_set_in_the_middle_is_shown_with_all_its_pairs():
    shown = findings(condition("spelling", HALF, TABLE, TABLE))["set"]
    assert isinstance(shown.figure, HeatMap)
    assert "p1" in shown.figure.title
    assert shown.figure.values[0] == pytest.approx([0, 0.4, 0.25])


def test_what_was_written_and_what_was_read_are_held_against_each_other():
    # |-2 + 2.4| / 4 for the first answer, nothing for the other two.
    found = findings(condition("spelling", TABLE, TABLE))["kinds"]
    assert found.estimates["spelling errors: read against written"].value == pytest.approx(0.1 / 3)


def test_without_log_probabilities_answer_flips_stand_under_their_own_name():
    found = findings(condition("spelling", None, None))
    assert list(found) == ["headline", "flips", "accuracy"]
    assert "no POSIX" in found["headline"].sentence
    assert found["accuracy"].figure.x_title == "answer-flip index"


def test_nothing_yet():
    (found,) = study().findings([ConditionPools("model1-spelling", "spelling errors", [], 3)], np.random.default_rng(0))
    assert found.sentence == "No set of prompts is answered yet."


@pytest.mark.django_db(transaction=True)
def test_a_run_of_the_bundled_model_that_is_taken_up_again_costs_nothing_more():
    entry = LanguageModel.objects.create(name="bundled", backend="llama_cpp", params={"reproducible": True})
    experiment = make_experiment(
        study="posix", study_params={"prompts": 3, "templates": False}, problems=6, decoding={"max_tokens": 6}
    )
    experiment.language_models.set([entry])
    run = create_run(experiment, make_user("runs"))
    work_until_idle()
    refresh(run.pk)
    assert set(run.attempts.values_list("state", flat=True)) == {"done"}
    attempt = run.attempts.first()
    answers = attempt.samples.filter(purpose="answer")
    reading = attempt.samples.filter(purpose="judge")
    assert (answers.count(), reading.count()) == (3, 3)
    assert all(len(Sample.unpack_tokens(each.tokens)) == each.completion_tokens for each in answers)
    read = np.array(attempt.trace["logprobs"])
    # Each prompt is counted for each of the answers read under it, the answers' tokens too.
    assert sum(each.prompt_tokens for each in reading) > 3 * sum(each.prompt_tokens for each in answers)
    np.testing.assert_allclose(np.diag(read), attempt.trace["written"], atol=1e-3)
    index = run.findings.get(key="headline").estimates["spelling errors: POSIX"]
    assert index["value"] > 0
    Run.objects.filter(pk=run.pk).update(state="running")
    attempt.state = "pending"
    attempt.save()
    work_until_idle()
    assert run.samples.count() == 6 * 6
    attempt.refresh_from_db()
    assert attempt.trace["logprobs"] == read.tolist()
