"""Everything that can be known to go wrong is refused before the run begins, with nothing stored."""

import pytest

from experiments.domain.errors import InvalidInput
from experiments.inference.scripted import Scripted
from experiments.models import Attempt, Condition, LanguageModel, Problem, Run
from experiments.runner.planning import create_run, plan_run
from experiments.runner.verifier_keys import verifier_key
from experiments.studies.base import studies
from experiments.verifiers.base import verifiers
from tests.factories import make_experiment, make_language_model, make_user, make_variant

pytestmark = pytest.mark.django_db


def refused(experiment) -> str:
    with pytest.raises(InvalidInput) as error:
        create_run(experiment, None)
    assert not Run.objects.exists()
    assert not Attempt.objects.exists()
    return str(error.value)


def test_attempts_are_laid_out_problem_by_problem():
    experiment = make_experiment(n=2, problems=3, variants=[make_variant(), make_variant("{{ question }} ?")], repeats=2)
    run = create_run(experiment, make_user())
    attempts = Attempt.objects.filter(run=run).order_by("position")
    keys = list(attempts.values_list("problem__key", "repeat", "condition__position"))
    assert keys == [(f"p{problem}", repeat, condition) for problem in range(3) for repeat in range(2) for condition in range(2)]
    assert (run.n_attempts, run.n_samples_planned, run.state) == (12, 24, Run.State.QUEUED)


def test_the_config_holds_everything_the_run_will_use():
    experiment = make_experiment(n=2, problems=3, max_problems=2, variants=[make_variant("{{ question }} ?", system="Be brief.")])
    run = create_run(experiment, None)
    config = run.config
    entry = experiment.language_models.get()
    assert set(config) == {
        "experiment", "study", "grader", "verifiers", "decoding", "dataset", "conditions", "prompts",
        "language_models", "demonstrations", "repeats", "reuses_answers", "seed", "versions",
    }  # fmt: skip
    assert config["study"]["name"] == "best_of_n"
    assert config["study"]["params"]["n"] == 2
    assert config["grader"]["name"] == "numeric"
    assert config["grader"]["key"].startswith("numeric.v")
    assert config["verifiers"] == [{"name": "mean_logprob", "params": {}, "key": "mean_logprob"}]
    assert (config["decoding"]["temperature"], config["decoding"]["top_p"]) == (0.8, 1.0)
    assert config["dataset"]["content_hash"] == experiment.dataset.content_hash
    assert config["dataset"]["n_problems"] == 2
    assert (config["prompts"][0]["system"], config["prompts"][0]["template"]) == ("Be brief.", "{{ question }} ?")
    assert config["language_models"][0]["fingerprint"] == Scripted(**entry.params).fingerprint()
    assert config["conditions"][0]["strategy"] == {"name": "pool", "params": {"n": 2}}
    assert config["seed"] == run.seed == 7
    assert {"assay", "python", "Django", "numpy", "llama-cpp-python"} <= set(config["versions"])
    assert Condition.objects.get(run=run).strategy_params == {"n": 2}


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"study_params": {"n": 0}}, r"Study “Best of N”: Samples \(N\): .* greater than or equal to 1 \(given: 0\)"),
        ({"decoding": {"temperature": -1}}, r"Decoding: Temperature: .* greater than or equal to 0 \(given: -1\)"),
        ({"decoding": {"temprature": 1}}, "Decoding: temprature: Extra inputs are not permitted"),
        ({"decoding": {"temperature": 0}}, "temperature 0"),
        ({"study": "best_of_all"}, "Unknown study “best_of_all”. Known: .*best_of_n"),
        ({"grader": "taste"}, "Unknown grader “taste”. Known: .*numeric"),
        ({"grader": "regex", "grader_params": {"pattern": "("}}, "Grader .*"),
        ({"verifiers": [{"name": "gut"}]}, "Unknown verifier “gut”. Known: .*mean_logprob"),
    ],
)
def test_bad_options_are_refused_with_their_name_value_and_bound(fields, message):
    import re

    assert re.match(message, refused(make_experiment(**fields))) or message == "temperature 0"


def test_a_slot_the_problems_do_not_have_names_variant_problem_and_place():
    message = refused(make_experiment(variants=[make_variant("{{ question }} {{ hint }}", name="hinted")]))
    assert "hinted v1” does not fit problem “p0”" in message
    assert "unknown slot “hint”" in message
    assert "Line 1, column 16" in message


def test_a_slot_only_some_problems_have_names_the_first_without_it():
    experiment = make_experiment(problems=3, variants=[make_variant("{{ question }} {{ hint }}")])
    for problem in Problem.objects.filter(dataset=experiment.dataset).exclude(key="p1"):
        problem.metadata = {"hint": "think"}
        problem.save()
    assert "does not fit problem “p1”" in refused(experiment)


def test_braces_in_a_problem_are_data():
    experiment = make_experiment(problems=1)
    experiment.dataset.problems.update(question="{{ x }} and {{")
    assert create_run(experiment, None).n_attempts == 1


def test_an_unknown_model_file_is_refused_with_the_known_ones():
    entry = LanguageModel.objects.create(name="gone", backend="llama_cpp", params={"file": "gone.gguf"})
    message = refused(make_experiment(language_models=[entry]))
    assert message.startswith("Language model “gone” cannot be used: There is no model file “gone.gguf”. Known: ")


def test_a_method_that_needs_what_the_model_lacks_is_refused(monkeypatch):
    monkeypatch.setattr(Scripted, "capabilities", frozenset())
    message = refused(make_experiment(language_models=[make_language_model(name="mute")]))
    assert message == "“Mean logprob” needs logprobs, which “mute” does not give."


@pytest.mark.parametrize("missing", ["variants", "language_models", "problems"])
def test_an_experiment_without_its_parts_is_refused(missing):
    experiment = make_experiment()
    if missing == "problems":
        experiment.dataset.problems.all().delete()
    else:
        getattr(experiment, missing).clear()
    assert any(word in refused(experiment) for word in ("no problems", "no prompt variant", "no language model"))


def test_planning_is_repeatable():
    experiment = make_experiment(n=2, problems=3)
    assert plan_run(experiment) == plan_run(experiment)


def test_verifiers_are_told_apart_by_name():
    assert {verifier_key(verifiers.build(name)) for name in verifiers.names()} == set(verifiers.names())


def test_a_search_over_steps_needs_a_model_that_goes_on_from_a_beginning(monkeypatch):
    monkeypatch.setattr(Scripted, "capabilities", frozenset({"logprobs"}))
    entry = make_language_model("forgetful")
    study = {"study": "test_time_compute", "study_params": {"strategies": ["beam_search"]}}
    message = refused(make_experiment(language_models=[entry], **study))
    assert message == "“Beam search” needs answers that go on from a given beginning, which “forgetful” does not give."


def test_a_search_needs_its_verifier_in_the_run():
    study = {"study": "test_time_compute", "study_params": {"strategies": ["dvts"], "verifier": "length"}}
    message = refused(make_experiment(**study))
    assert message == "“Diverse verifier tree search (DVTS)” asks for scores by “length”: add that verifier to the experiment."


@pytest.mark.parametrize(
    ("by_condition", "order"),
    [
        (False, [(0, 0), (0, 1), (1, 0), (1, 1)]),
        (True, [(0, 0), (1, 0), (0, 1), (1, 1)]),
    ],
)
def test_attempts_follow_one_another_by_problem_or_as_the_study_wants_by_condition(monkeypatch, by_condition, order):
    study = studies.get("best_of_n")
    monkeypatch.setattr(study, "works_by_condition", by_condition)
    run = create_run(make_experiment(problems=2, variants=[make_variant(name="a"), make_variant(name="b")]), None)
    places = run.attempts.order_by("position").values_list("problem__position", "condition__position")
    assert list(places) == order
