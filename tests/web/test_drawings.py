"""Trees and chains on an attempt's page, on its run's page, and as the piece that follows a growing one."""

import pytest

from experiments.models import Attempt, Condition, Run
from experiments.reports.drawings import drawn_attempt
from tests.factories import make_run, make_sample

pytestmark = pytest.mark.django_db


def run_with(strategy: str, problems: int = 1) -> Run:
    """A running run whose condition says that it was made by another strategy than the pool it was planned with."""
    run = make_run(n=2, problems=problems)
    run.start()
    Condition.objects.filter(run=run).update(strategy=strategy, strategy_params={"verifier": "mean_logprob"})
    run.config["conditions"][0]["strategy"] = {"name": strategy, "params": {}}
    run.save()
    return run


def grow_tree(attempt: Attempt) -> list:
    """Two first steps, and an answer after one of them."""
    first = make_sample(attempt, 0, "Add <b>tens</b>.", verdict=None, purpose="step", mean_logprob=-0.25)
    second = make_sample(attempt, 1, "Or guess.", verdict=None, purpose="step")
    answer = make_sample(attempt, 2, "The answer is 3.", purpose="step", parent=first, prefix="Add <b>tens</b>.")
    return [first, second, answer]


def finish(attempt: Attempt, chosen, **trace) -> None:
    Attempt.objects.filter(pk=attempt.pk).update(state="done", chosen=chosen, trace=trace)


def text_of(response) -> str:
    assert response.status_code == 200
    return response.content.decode()


def test_a_finished_tree_shows_texts_scores_and_the_path_handed_in(viewer):
    run = run_with("beam_search")
    attempt = run.attempts.get()
    *_, answer = grow_tree(attempt)
    finish(attempt, answer)
    page = text_of(viewer.get(attempt.get_absolute_url()))
    assert page.count('<li class="step chosen">') == 2
    assert page.count('<li class="step fades">') == 1
    assert "3 steps, 2 deep; 1 given up, which fade." in page
    assert "Add &lt;b&gt;tens&lt;/b&gt;." in page
    assert "−0.25" in page
    assert 'hx-trigger="every 1s"' not in page


def test_a_growing_tree_is_asked_for_again_and_sent_only_when_it_grew(viewer):
    run = run_with("beam_search")
    attempt = run.attempts.get()
    Attempt.objects.update(state="running")
    first, *_ = grow_tree(attempt)
    page = text_of(viewer.get(attempt.get_absolute_url()))
    assert 'hx-trigger="every 1s"' in page
    address = page.split('hx-get="')[1].split('"')[0]
    assert viewer.get(address).status_code == 204
    make_sample(attempt, 3, "And on.", verdict=None, purpose="step", parent=first)
    piece = text_of(viewer.get(address))
    assert piece.lstrip().startswith('<div id="drawing"')
    assert "And on." in piece
    finish(attempt, None)
    assert "hx-get" not in text_of(viewer.get(address))


def test_particles_show_the_effective_sample_size_of_each_generation(viewer):
    run = run_with("particle_filter")
    attempt = run.attempts.get()
    *_, answer = grow_tree(attempt)
    step = {
        "samples": [0, 1],
        "weights": [0.75, 0.25],
        "effective_sample_size": 1.6,
        "ancestors": [0, 0],
        "distinct_ancestors": 1,
    }
    finish(attempt, answer, lineage=[step])
    page = text_of(viewer.get(attempt.get_absolute_url()))
    assert "ESS <b>1.6</b> of 2" in page
    assert "1 went on" in page


def test_a_chain_shows_rounds_feedback_and_what_changed(viewer):
    run = run_with("self_refine")
    attempt = run.attempts.get()
    first = make_sample(attempt, 0, "The answer is 4.", verdict="wrong")
    said = make_sample(attempt, 1, "Count <again>.", verdict=None, purpose="feedback", parent=first)
    second = make_sample(attempt, 2, "The answer is 3.", parent=said)
    finish(
        attempt,
        second,
        chains=[{"answers": [0, 2], "cues": ["errors found"], "stopped": "no error found"}],
        kept="the last answer",
    )
    page = text_of(viewer.get(attempt.get_absolute_url()))
    assert "The answer is <del>4</del><ins>3</ins>." in page
    assert "wrong turned right" in page
    assert "Said about it: errors found" in page
    assert "Count &lt;again&gt;." in page
    assert "Stopped: no error found" in page
    assert "Handed in: the last answer." in page


def test_independent_samples_have_no_drawing(viewer):
    run = make_run(n=2, problems=1)
    attempt = run.attempts.get()
    make_sample(attempt)
    assert 'id="drawing"' not in text_of(viewer.get(attempt.get_absolute_url()))
    assert drawn_attempt(run) is None


def test_the_run_page_draws_the_attempt_at_work_and_then_the_last_that_ended(viewer):
    run = run_with("beam_search", problems=2)
    ended, working = run.attempts.order_by("position")
    *_, answer = grow_tree(ended)
    finish(ended, answer)
    grow_tree(working)
    Attempt.objects.filter(pk=working.pk).update(state="running")
    assert drawn_attempt(run) == working
    page = text_of(viewer.get(run.get_absolute_url()))
    assert page.count('<ol class="tree">') == 1
    assert "Still growing." in page
    Attempt.objects.filter(pk=working.pk).update(state="pending")
    assert drawn_attempt(run) == ended


def test_an_attempt_of_another_run_is_not_found(viewer):
    run = run_with("beam_search")
    other = make_run()
    assert viewer.get(f"/runs/{run.pk}/attempts/{other.attempts.first().pk}/drawing/").status_code == 404


def test_five_hundred_steps_are_drawn_in_a_few_queries(viewer, django_assert_max_num_queries):
    run = run_with("beam_search")
    attempt = run.attempts.get()
    top = make_sample(attempt, 0, "Begin.", verdict=None, purpose="step")
    for index in range(1, 500):
        make_sample(attempt, index, f"Go on {index}.", verdict=None if index % 20 else "wrong", purpose="step", parent=top)
    finish(attempt, None)
    with django_assert_max_num_queries(16):
        page = text_of(viewer.get(f"/runs/{run.pk}/attempts/{attempt.pk}/drawing/"))
    assert page.count('class="step fades"') == 475
    assert page.count('<details class="folded">') == 1
