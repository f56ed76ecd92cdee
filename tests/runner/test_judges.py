"""Judges in a live run: another model than the one judged, in the attempt's and the run's cost, and their troubles shown."""

import threading

import pytest
from django.db.models import Sum

from experiments.domain.errors import InvalidInput
from experiments.inference import consents
from experiments.models import LanguageModel, Run, Sample, VerifierScore
from experiments.reports.verifier_standings import verifier_standings
from experiments.runner.planning import plan_run
from tests.factories import make_experiment, make_language_model, make_run
from tests.runner.paying import COST, check_books, make_paid_model
from tests.runner.working import work_until_idle
from tests.servers.misbehaving import status
from tests.servers.threads import answering, served

pytestmark = pytest.mark.django_db(transaction=True)

JUDGE = {"name": "llm_judge", "params": {"language_model": "judge"}}


def finished(**fields) -> Run:
    run = make_run(**fields)
    work_until_idle()
    run.refresh_from_db()
    return run


def test_another_model_judges_with_its_own_decoding_and_is_part_of_the_cost():
    make_language_model("judge", answers=["Fine. Score: 8"])
    run = finished(n=3, problems=2, verifiers=[JUDGE], decoding={"temperature": 0.8, "max_tokens": 1})
    assert run.state == Run.State.COMPLETED, run.reason
    assert [each["name"] for each in run.config["language_models"]][-1] == "judge"
    answers, judged = (Sample.objects.filter(run=run, purpose=purpose) for purpose in ("answer", "judge"))
    assert set(judged.values_list("text", "finish_reason", "completion_tokens")) == {("Fine. Score: 8", "stop", 3)}
    assert set(answers.values_list("finish_reason", flat=True)) == {"length"}, "the condition's one token is not the judge's"
    assert set(VerifierScore.objects.values_list("score", flat=True)) == {0.8}
    assert (run.n_samples, answers.count(), judged.count()) == (6, 6, 6)
    assert run.completion_tokens == 6 * 1 + 6 * 3
    assert run.prompt_tokens == Sample.objects.filter(run=run).aggregate(n=Sum("prompt_tokens"))["n"]
    (standing,) = verifier_standings(run)
    assert standing.cautions == ["All scores are equal: selection by LLM judge, one text at a time is random."]


def test_a_study_finds_its_verifier_by_name_whatever_its_options():
    make_language_model("judge", rules={"answer is 3": ["Score: 9"]}, answers=["Score: 1"])
    run = finished(n=4, problems=3, verifiers=[JUDGE], study_params={"n": 4, "verifier": "llm_judge"})
    key = run.config["verifiers"][0]["key"]
    assert run.config["study"]["params"]["verifier"] == key
    assert f"Best of 4 by {key.replace('_', ' ')}" in run.findings.get(key="headline").sentence


def test_a_paid_judge_is_in_the_ledger_under_its_own_name():
    with served(answering("Score: 5")) as server:
        entry = make_paid_model(server)
        judge = {"name": "llm_judge", "params": {"language_model": entry.name, "max_tokens": 8}}
        run = finished(n=2, problems=2, verifiers=[judge])
    assert run.state == Run.State.COMPLETED, run.reason
    check_books(run)
    assert (run.cost, run.n_calls) == (4 * COST, 4)
    assert set(run.calls.values_list("language_model", flat=True)) == {entry.name}
    assert Sample.objects.filter(run=run, purpose="judge").aggregate(paid=Sum("cost"))["paid"] == 4 * COST


def test_a_judge_whose_key_is_refused_pauses_the_run_and_it_goes_on():
    mended = threading.Event()

    async def behave(wire) -> None:
        await (answering("Score: 5") if mended.is_set() else status(401))(wire)

    with served(behave) as server:
        entry = make_paid_model(server)
        judge = {"name": "llm_judge", "params": {"language_model": entry.name, "max_tokens": 8}}
        run = finished(n=2, problems=1, verifiers=[judge])
        assert run.state == Run.State.PAUSED
        assert "Check the key" in run.reason
        mended.set()
        assert run.resume()
        work_until_idle()
    run.refresh_from_db()
    assert run.state == Run.State.COMPLETED, run.reason
    assert set(VerifierScore.objects.values_list("score", flat=True)) == {0.5}


def test_a_reward_model_behind_an_endpoint_scores_a_run():
    answer = {"data": [{"score": 0.75}], "usage": {"prompt_tokens": 20}}
    with served(status(200, answer)) as server:
        consents.allow_private(server.base_url)
        params = {"base_url": server.base_url, "model": "rm", "price_input": 1e6}
        LanguageModel.objects.create(name="rewards", backend="reward_api", params=params)
        run = finished(n=2, problems=2, verifiers=[{"name": "reward_model", "params": {"language_model": "rewards"}}])
    assert run.state == Run.State.COMPLETED, run.reason
    check_books(run)
    assert (run.cost, run.n_calls) == (80, 4)
    assert set(VerifierScore.objects.values_list("score", flat=True)) == {0.75}
    assert {each.body["text_1"] for each in server.requests} == {"What is 0 + 3 =", "What is 1 + 3 ="}


def test_a_reward_that_never_comes_is_no_score_and_the_run_goes_on():
    with served(status(400)) as server:
        consents.allow_private(server.base_url)
        LanguageModel.objects.create(name="rewards", backend="reward_api", params={"base_url": server.base_url, "model": "rm"})
        run = finished(n=2, problems=1, verifiers=[{"name": "reward_model", "params": {"language_model": "rewards"}}])
    assert run.state == Run.State.COMPLETED, run.reason
    (standing,) = verifier_standings(run)
    assert standing.cautions == ["2 of 2 samples have no score by Reward model; they are chosen last."]
    assert "refused the request (400)" in Sample.objects.filter(purpose="judge").first().error


def test_a_reward_model_writes_no_answers():
    entry = LanguageModel.objects.create(
        name="rewards", backend="reward_api", params={"base_url": "https://rewards.example.org", "model": "rm"}
    )
    with pytest.raises(InvalidInput, match="“rewards” rates texts and writes none"):
        plan_run(make_experiment(language_models=[entry]))
    with pytest.raises(InvalidInput, match="“rewards” rates texts and writes none"):
        plan_run(make_experiment(verifiers=[{"name": "llm_judge", "params": {"language_model": "rewards"}}]))


def test_the_bundled_model_judges_itself():
    """P(True) by its letters' probabilities, certainty and entropy while writing, and lookahead over texts cut off."""
    names = ("p_true", "self_certainty", "entropy", "majority_lookahead", "random")
    params = {"majority_lookahead": {"max_tokens": 12}}
    chosen = [{"name": name, "params": params.get(name, {})} for name in names]
    bundled = LanguageModel.objects.create(name="bundled", backend="llama_cpp", params={"slots": 4, "context_tokens": 1024})
    decoding = {"temperature": 0.8, "max_tokens": 8}
    run = finished(n=2, problems=1, language_models=[bundled], verifiers=chosen, decoding=decoding)
    assert run.state == Run.State.COMPLETED, run.reason
    scores = {each.key: each for each in verifier_standings(run)}
    for name in ("p_true", "self_certainty", "entropy", "random"):
        assert (scores[name].scored, scores[name].missing) == (2, 0), name
    found = {name: list(VerifierScore.objects.filter(verifier=name).values_list("score", flat=True)) for name in names}
    assert all(0 < score < 1 for score in found["p_true"])
    assert all(score < 0 for score in found["entropy"])
    assert all(score > 0 for score in found["self_certainty"])
    asked = Sample.objects.filter(run=run, purpose="judge", verifier="p_true")
    assert asked.count() == 2
    assert all(sample.prompt_tokens > 50 and sample.completion_tokens == 0 for sample in asked)
