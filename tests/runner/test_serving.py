"""A plan is refused where the truth test found that the endpoint does not serve it, and told why."""

import pytest

from experiments.domain.errors import InvalidInput
from experiments.runner.planning import plan_run
from tests.factories import make_experiment, make_language_model, make_variant

pytestmark = pytest.mark.django_db

MAY_2 = 1777680000.0


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
