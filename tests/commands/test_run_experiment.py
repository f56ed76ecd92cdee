"""An experiment without a browser: one JSON object on standard output, everything else on standard error."""

import json
import subprocess

import pytest
from django.core.management import CommandError, call_command

from experiments.models import Dataset, Experiment, LanguageModel, Run, Sample, Worker
from experiments.runner.planning import plan_run
from experiments.runner.presets import load_preset, names
from tests.factories import make_dataset, make_experiment, make_language_model, make_variant
from tests.runner.processes import WorkerProcess, manage, wait_until

pytestmark = pytest.mark.django_db(transaction=True)


def run_experiment(*arguments: str) -> tuple[dict, subprocess.CompletedProcess]:
    done = manage("run_experiment", *arguments)
    return json.loads(done.stdout), done


def test_a_stored_experiment_is_run_to_its_end():
    experiment = make_experiment(n=4, problems=3)
    result, done = run_experiment(experiment.name, "--wait", "--json")
    run = Run.objects.get()
    assert done.returncode == 0
    assert result["run"] == run.pk
    assert (result["state"], result["attempts"], result["samples"], result["samples_failed"]) == ("completed", 3, 12, 0)
    assert result["tokens"] == run.completion_tokens > 0
    assert result["seconds"] > 0
    assert result["findings"][0].keys() == {"key", "sentence", "estimates"}
    assert f"run {run.pk} " in done.stderr


def test_a_failed_run_ends_with_code_one_and_its_reason():
    experiment = make_experiment(n=2, problems=1, language_models=[make_language_model(permanent_failures=1)])
    result, done = run_experiment(experiment.name, "--wait", "--json")
    assert done.returncode == 1
    assert result["state"] == "failed"
    assert "The script refuses this request" in result["reason"]
    assert "The script refuses this request" in done.stderr


def test_another_living_worker_does_the_work(tmp_path):
    experiment = make_experiment(n=2, problems=2)
    with WorkerProcess(tmp_path / "requests.jsonl"):
        wait_until(lambda: Worker.objects.exists())
        result, _ = run_experiment(experiment.name, "--wait", "--json")
        assert result["state"] == "completed"
        assert Worker.objects.count() == 1


def test_without_waiting_the_run_is_left_in_the_queue():
    call_command("run_experiment", make_experiment(n=2, problems=2).name)
    assert Run.objects.get().state == Run.State.QUEUED


@pytest.fixture
def described(tmp_path):
    """A file that describes an experiment by names, as a dict to change and a function to write it."""
    make_dataset(name="sums")
    make_language_model(name="script")
    variant = make_variant()
    content = {
        "name": "from a file",
        "dataset": "sums",
        "variants": [f"{variant.prompt.name} / plain"],
        "language_models": ["script"],
        "study_params": {"n": 2},
        "grader": "numeric",
        "seed": 3,
    }

    def write(**changes) -> str:
        path = tmp_path / "experiment.json"
        path.write_text(json.dumps({**content, **changes}))
        return str(path)

    return write


def test_a_file_describes_an_experiment_by_names(described):
    call_command("run_experiment", described())
    run = Run.objects.get()
    assert (run.experiment.name, run.n_samples_planned, run.seed) == ("from a file", 6, 3)
    call_command("run_experiment", described(study_params={"n": 4}))
    assert Experiment.objects.get(name="from a file").study_params == {"n": 4}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"dataset": "quotients"}, "There is no data set “quotients”. Known: sums v1."),
        ({"language_models": ["oracle"]}, "There is no language model “oracle”. Known: script."),
        ({"variants": ["nobody / knows"]}, "There is no variant “nobody / knows”. Known: "),
        ({"grader": ""}, "“grader” is missing."),
        ({"max_tokens": 3}, "unknown field “max_tokens”. Known: name, dataset"),
        ({"repeats": 0}, "repeats: Ensure this value is greater than or equal to 1."),
        ({"decoding": {"temperature": -1}}, "Decoding: Temperature"),
        ({"study_params": {"n": 0}}, "Samples (N)"),
        ({"verifiers": ["mean_logprob"]}, "“verifiers” must be a list such as"),
    ],
)
def test_a_file_that_cannot_be_used_says_why_and_starts_nothing(described, changes, message):
    with pytest.raises(CommandError) as error:
        call_command("run_experiment", described(**changes))
    assert message in str(error.value)
    assert not Run.objects.exists()
    assert not Experiment.objects.exists()


def test_a_file_that_is_no_json_is_refused(tmp_path):
    (tmp_path / "broken.json").write_text("{")
    with pytest.raises(CommandError, match="is not JSON"):
        call_command("run_experiment", str(tmp_path / "broken.json"))


def test_an_unknown_name_lists_the_known_ones():
    experiment = make_experiment()
    with pytest.raises(CommandError, match=f"no experiment and no file “nothing”. Known experiments: {experiment.name}"):
        call_command("run_experiment", "nothing")


def test_loading_the_demo_twice_changes_nothing():
    first = load_preset("demo")
    assert load_preset("demo") == first
    assert (Experiment.objects.count(), Dataset.objects.count(), LanguageModel.objects.count()) == (1, 1, 1)
    assert first.dataset.n_problems == 40
    assert first.study_params == {"n": 16}
    assert first.variants.get().prompt.variants.count() == 2


def test_the_demo_runs_on_the_bundled_model():
    experiment = load_preset("demo")
    experiment.study_params, experiment.max_problems = {"n": 2}, 2
    experiment.save()
    result, done = run_experiment("demo", "--wait", "--json")
    assert (result["state"], result["samples"], done.returncode) == ("completed", 4, 0)
    assert all(sample.text and sample.mean_logprob < 0 for sample in Sample.objects.all())


def test_loading_the_presets_twice_changes_nothing():
    first = [load_preset(name) for name in names()]
    n_datasets = Dataset.objects.count()
    assert [load_preset(name) for name in names()] == first
    assert {"demo", "strategies", "temperatures"} <= set(names())
    assert (Dataset.objects.count(), LanguageModel.objects.count()) == (n_datasets, 1)
    assert len(plan_run(load_preset("strategies")).conditions) == 9
    assert len(plan_run(load_preset("temperatures")).conditions) == 3 * 3 * 3


def test_the_strategies_preset_runs_on_the_bundled_model():
    experiment = load_preset("strategies")
    small = {"pool_n": 4, "budgets": [4], "token_budgets": [40], "max_steps": 2}
    experiment.study_params, experiment.max_problems = {**experiment.study_params, **small}, 1
    experiment.save()
    result, done = run_experiment("strategies", "--wait", "--json")
    assert (result["state"], result["attempts"], done.returncode) == ("completed", 9, 0)
    assert [finding["key"] for finding in result["findings"]][:2] == ["headline", "cost-tokens"]
    assert Sample.objects.filter(purpose="step", prefix__gt="").exists()
