"""A plan is refused where the truth test found that the endpoint does not serve it, and told why."""

from typing import ClassVar

import pytest

from experiments.domain.errors import InvalidInput
from experiments.domain.registry import Options
from experiments.inference.base import backends
from experiments.models import LanguageModel
from experiments.runner.planning import plan_run
from experiments.runner.serving import Serving
from tests.factories import make_experiment, make_language_model, make_variant

pytestmark = pytest.mark.django_db

MAY_2 = 1777680000.0


class GoesOn(Options):
    """A method that continues answers."""

    label: ClassVar[str] = "Goes on"
    needs: ClassVar[frozenset[str]] = frozenset({"continues"})


def model_found_to(**verdicts):
    """A scripted model on which a truth test found these verdicts; _ in a feature's name is a blank."""
    rows = [
        {"feature": name.replace("_", " "), "asked": "a thing", "seen": "none", "verdict": verdict}
        for name, verdict in verdicts.items()
    ]
    entry = make_language_model(name="m")
    entry.truth = {"asked_at": MAY_2, "rows": rows}
    entry.save()
    return entry


def test_a_method_that_needs_what_is_ignored_is_refused_with_what_was_seen():
    experiment = make_experiment(language_models=[model_found_to(logprobs="ignores")])
    with pytest.raises(InvalidInput) as refused:
        plan_run(experiment)
    assert str(refused.value) == (
        "“Mean logprob” needs logprobs, but “m” ignores it (none), as the truth test of 2026-05-02 saw. "
        "Choose another method or model, or take the truth test again."
    )


def test_stop_strings_and_system_messages_are_refused_where_the_endpoint_refuses_them():
    entry = model_found_to(stop="refuses", system_role="ignores")
    plan_run(make_experiment(language_models=[entry]))
    with pytest.raises(InvalidInput, match="stop strings, but “m” refuses it"):
        plan_run(make_experiment(language_models=[entry], decoding={"stop": ["\n"]}))
    polite = make_variant(system="Be polite.", name="polite")
    with pytest.raises(InvalidInput, match="has a system message, but “m” ignores it"):
        plan_run(make_experiment(language_models=[entry], variants=[polite]))


def test_what_the_test_could_not_tell_or_found_true_refuses_nothing():
    entry = model_found_to(logprobs="honours", stop="unclear")
    config = plan_run(make_experiment(language_models=[entry], decoding={"stop": ["\n"]})).config
    assert config["language_models"][0]["truth"] == entry.truth


def local_model():
    return LanguageModel.objects.create(name="local", backend="llama_cpp")


def test_decoding_that_a_model_does_not_take_is_refused_by_name():
    entry = make_language_model(name="m")
    with pytest.raises(InvalidInput, match=r"The decoding does not suit “m”\. .* does not take “Grammar”, “Repeat penalty”\."):
        plan_run(make_experiment(language_models=[entry], decoding={"repeat_penalty": 1.2, "grammar": ['root ::= "7"']}))


@pytest.mark.parametrize(
    ("decoding", "why"),
    [
        ({"grammar": ["root ::= digit"]}, r"The grammar cannot be used: .*digit"),
        ({"json_schema": {"type": "object", "patternProperties": {}}}, "patternProperties"),
        ({"grammar": ['root ::= "7"'], "json_schema": {"type": "null"}}, "A grammar and a JSON schema are given"),
        ({"stop_tokens": [49_152]}, r"There is no token 49,152.*from 0 to 49,151"),
    ],
)
def test_constraints_that_are_none_are_refused_before_a_run_begins(decoding, why):
    with pytest.raises(InvalidInput, match=f"does not suit “local”.*{why}"):
        plan_run(make_experiment(language_models=[local_model()], decoding=decoding))


def test_what_a_local_model_takes_is_planned():
    decoding = {"grammar": ['root ::= [0-9]+ "."'], "repeat_penalty": 1.1, "logit_bias": {7: -100}}
    frozen = plan_run(make_experiment(language_models=[local_model()], decoding=decoding)).config["decoding"]
    assert frozen["grammar"] == ['root ::= [0-9]+ "."']


@pytest.mark.parametrize(
    ("truth", "why"),
    [
        (None, "Its truth test, which was not taken yet, may find that it does."),
        ({"prefix": "ignores"}, "It ignores it (none), as the truth test of 2026-05-02 saw."),
        ({"prefix": "refuses"}, "It refuses it (none), as the truth test of 2026-05-02 saw."),
    ],
)
def test_an_ability_that_only_the_truth_test_can_show_is_refused_with_what_it_showed(truth, why):
    entry = model_found_to(**truth) if truth else make_language_model(name="m")
    backend = backends.build("openai_api", {"base_url": "https://gpu.example/v1", "model": "m"}).told(entry.truth)
    with pytest.raises(InvalidInput) as refused:
        Serving(entry, backend).check_method(GoesOn())
    assert str(refused.value) == f"“Goes on” needs answers that go on from a given beginning, which “m” does not give. {why}"


def test_it_is_served_once_the_truth_test_saw_it():
    entry = model_found_to(prefix="honours")
    backend = backends.build("openai_api", {"base_url": "https://gpu.example/v1", "model": "m"}).told(entry.truth)
    Serving(entry, backend).check_method(GoesOn())
