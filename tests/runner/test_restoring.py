"""What becomes of an archive's parts where some of them are there already, and of what it must not set going."""

from datetime import timedelta

import pytest

from experiments.domain.errors import InvalidInput
from experiments.models import (
    Attempt,
    Call,
    Dataset,
    Experiment,
    LanguageModel,
    ProblemMark,
    Prompt,
    ReviewItem,
    ReviewSet,
    Run,
    Scoring,
    Spending,
    Variant,
    clock,
)
from experiments.models.calls import day_of
from experiments.runner.archives.restoring import restore_run
from experiments.runner.archives.writing import archive_run
from experiments.runner.caps import Caps
from experiments.runner.planning import create_run
from tests.factories import make_dataset, make_experiment, make_language_model, make_run, make_user, make_variant
from tests.runner.archived import forget_everything, make_small_run

pytestmark = pytest.mark.django_db

COUNTED = (Dataset, Prompt, Variant, LanguageModel, Experiment)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "run.zip"


def counts() -> list[int]:
    return [model.objects.count() for model in COUNTED]


def test_what_the_run_was_made_of_is_found_again_by_its_content(path):
    run = make_small_run()
    experiment, before = run.experiment, counts()
    archive_run(run, path)
    run.delete()
    restored = restore_run(path, None)
    assert counts() == before
    assert restored.run.experiment == experiment
    assert restored.run.attempts.count() == 2
    assert restored.notes == []


def test_the_second_time_the_run_is_refused_unless_it_is_asked_for(path):
    run = make_small_run()
    archive_run(run, path)
    with pytest.raises(InvalidInput, match=f"The run is here already: it is run {run.pk}"):
        restore_run(path, None)
    copy = restore_run(path, None, again=True).run
    assert copy.pk != run.pk
    assert copy.samples.count() == run.samples.count() == 4


def test_a_run_that_went_on_meanwhile_is_still_the_same_run(path):
    run = make_small_run()
    archive_run(run, path)
    run.tag("seen")
    Run.objects.filter(pk=run.pk).update(n_samples=99, revision=7, archived=True)
    with pytest.raises(InvalidInput, match="is here already"):
        restore_run(path, None)


def test_names_that_others_have_get_a_suffix_and_it_is_said(path):
    run = make_small_run()
    dataset, prompt, entry, name = run.experiment.dataset, Prompt.objects.get(), LanguageModel.objects.get(), run.experiment.name
    archive_run(run, path)
    forget_everything()
    make_dataset(5, dataset.name)
    Variant.objects.write(Prompt.objects.create(name=prompt.name), "plain", "", "Another text: {{ question }}")
    make_experiment(name=name, language_models=[make_language_model(entry.name, answers=["No."])])
    restored = restore_run(path, None)
    condition = restored.run.conditions.get()
    assert restored.run.experiment.dataset.name == f"{dataset.name} (restored)"
    assert condition.variant.prompt.name == f"{prompt.name} (restored)"
    assert condition.language_model.name == f"{entry.name} (restored)"
    assert restored.run.experiment.name == f"{name} (restored)"
    assert sum("(restored)" in note for note in restored.notes) == 4
    assert restored.run.config["conditions"][0]["language_model"] == entry.name


def test_a_dataset_that_only_says_it_is_the_same_is_not_taken_for_it(path):
    run = make_small_run()
    archive_run(run, path)
    dataset = run.experiment.dataset
    run.delete()
    dataset.problems.filter(position=1).update(question="Changed behind everybody's back")
    restored = restore_run(path, None).run
    assert restored.experiment.dataset != dataset
    assert restored.attempts.get(position=1).problem.question == "1 + 3 ="


def test_a_model_of_the_archive_is_not_offered_until_somebody_says_so(path):
    run = make_small_run()
    archive_run(run, path)
    forget_everything()
    restore_run(path, None)
    assert LanguageModel.objects.get().archived


def test_a_run_that_had_not_ended_waits_for_a_person_and_is_theirs(path):
    ann, ben = make_user(), make_user()
    run = make_run(user=ann)
    run.start()
    run.attempts.filter(position=0).update(state=Attempt.State.RUNNING, lease_until=clock.now() - timedelta(hours=1))
    run.pause("for lunch")
    archive_run(run, path)
    run.delete()
    restored = restore_run(path, ben).run
    assert (restored.state, restored.resume_at, restored.started_by) == (Run.State.PAUSED, None, ben)
    assert "restored from an archive" in restored.reason
    assert set(restored.attempts.values_list("state", "worker", "lease_until")) == {("pending", None, None)}
    assert restored.resume()


@pytest.mark.parametrize("state", ["queued", "running"])
def test_a_run_that_is_worked_on_is_not_archived(path, state):
    run = make_run()
    Run.objects.filter(pk=run.pk).update(state=state)
    run.refresh_from_db()
    with pytest.raises(InvalidInput, match=f"Run {run.pk} is {state}. Pause it"):
        archive_run(run, path)
    assert not path.exists()


def test_a_paused_run_is_archived_when_what_was_under_way_has_ended(path):
    run = make_run()
    run.pause()
    run.attempts.filter(position=0).update(state=Attempt.State.RUNNING, lease_until=clock.now() + timedelta(minutes=1))
    with pytest.raises(InvalidInput, match="1 attempts and 0 calls are still under way"):
        archive_run(run, path)


def test_a_run_that_is_being_scored_is_not_archived(path):
    run = make_small_run()
    Scoring.objects.create(run=run, key="judge:1", config={"verifiers": [], "language_models": []})
    with pytest.raises(InvalidInput, match="scored by “judge:1”"):
        archive_run(run, path)


def test_people_without_an_account_here_leave_no_name_and_that_is_said(path):
    run = make_small_run()
    Run.objects.filter(pk=run.pk).update(started_by=make_user(name="zoe"))
    run.refresh_from_db()
    archive_run(run, path)
    run.started_by.delete()
    run.delete()
    restored = restore_run(path, None)
    assert restored.run.started_by is None
    assert "Nobody here is called zoe: what they did stands without a name." in restored.notes


def test_what_the_run_spent_counts_towards_its_own_cap_but_not_towards_those_of_today(path, settings):
    settings.ASSAY_DAILY_SPENDING_CAP = 1.0
    run = make_small_run()
    Run.objects.filter(pk=run.pk).update(spending_cap=10.0, cost=9.0, n_calls=1, state=Run.State.PAUSED)
    run.refresh_from_db()
    place = {"language_model": "m", "request_hash": "a", "occurrence": 0, "try_number": 1}
    sent = {"state": "answered", "sent_at": clock.now(), "cost": 9.0, "most_cost": 9.0}
    Call.objects.create(key="k", run=run, attempt=run.attempts.first(), **place, **sent)
    archive_run(run, path)
    run.delete()
    restored = restore_run(path, make_user()).run
    today = day_of(clock.now())
    assert list(Spending.objects.values_list("run", "day", "cost")) == [(restored.pk, today - timedelta(days=1), 9.0)]
    assert Spending.objects.today().totals() == (0, 0)
    wanted = Call(run=restored, most_cost=0.9, **place)
    assert Caps().obstacle_to(wanted) is None
    assert "This run's spending cap is 10" in Caps().obstacle_to(Call(run=restored, most_cost=1.5, **place)).sentence


def test_a_mark_that_somebody_made_here_stays_as_it_is(path):
    ann = make_user(name="ann")
    run = make_small_run()
    problem = run.attempts.first().problem
    mark = ProblemMark.objects.create(identity=problem.identity, problem=problem, kind="wrong", author=ann)
    archive_run(run, path)
    run.delete()
    ProblemMark.objects.filter(pk=mark.pk).update(kind="fine")
    restore_run(path, None)
    assert list(ProblemMark.objects.values_list("kind", flat=True)) == ["fine"]


def test_a_review_set_with_texts_of_two_runs_stays_and_that_is_said(path):
    run, other = make_small_run(), make_small_run()
    mine = {"seed": 1, "rubric": [], "choice": {"how": "all", "texts_per_attempt": 1, "at_most": None, "n_found": 2}}
    names = [f"{each.pk}.{each.conditions.get().key}" for each in (run, other)]
    mixed = ReviewSet.objects.create(name="both", conditions=names, **mine)
    for position, each in enumerate((run, other)):
        ReviewItem.objects.create(review_set=mixed, position=position, sample=each.samples.first())
    manifest = archive_run(run, path)
    assert manifest.members["review_sets.jsonl"].rows == manifest.members["review_items.jsonl"].rows == 0
    (words,) = manifest.left_out
    assert "“both”" in words
    assert words in restore_run(path, None, again=True).notes


def test_an_experiment_that_was_changed_since_is_left_alone(path):
    run = make_small_run()
    archive_run(run, path)
    run.delete()
    Experiment.objects.update(study_params={"n": 9})
    restored = restore_run(path, None).run
    assert restored.experiment.name.endswith("(restored)")
    assert restored.experiment.study_params["n"] == 2
    assert create_run(restored.experiment, None).config["conditions"] == restored.config["conditions"]


def test_only_the_wordings_that_were_asked_and_their_ancestors_come_along(path):
    first = make_variant("One {{ question }}")
    second = Variant.objects.write(first.prompt, "plain", "", "Two {{ question }}")
    Variant.objects.write(first.prompt, "plain", "", "Three {{ question }}")
    Variant.objects.write(first.prompt, "aside", "", "Another {{ question }}")
    archive_run(make_small_run(variants=[second]), path)
    forget_everything()
    restored = restore_run(path, None).run
    assert [str(each) for each in Variant.objects.order_by("pk")] == [str(first), str(second)]
    asked = restored.conditions.get().variant
    assert (asked.version, asked.parent.version) == (2, 1)
    assert restored.config["prompts"][0]["id"] == asked.pk
