"""`manage.py optimise_prompt`: a scripted optimiser and a target whose replies follow its prompt, all in ordinary runs."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from experiments.models import LanguageModel, Prompt, Run, Variant
from tests.factories import make_dataset, make_experiment, make_language_model, make_variant

pytestmark = pytest.mark.django_db(transaction=True)

GOOD = "<diagnosis>says too much</diagnosis><prompt>{prompt}</prompt>"


def optimise(experiment, optimiser, **options) -> str:
    out = StringIO()
    sizes = {"batch": 2, "val": 3, "test": 2, "rounds": 4} | options
    call_command("optimise_prompt", experiment.name, optimiser=optimiser.name, stdout=out, **sizes)
    return out.getvalue()


def target(language_model: LanguageModel | None = None, **script):
    """By default it replies in prose; `system_rules` make it follow a prompt."""
    entry = language_model or make_language_model(answers=["It is 3."], **script)
    return make_experiment(
        dataset=make_dataset(12),
        grader="json_contract",
        verifiers=[],
        language_models=[entry],
        variants=[make_variant("{{ question }}")],
    )


def writer(text: str) -> LanguageModel:
    return make_language_model(answers=[text])


JSON = '{"reasoning": "r", "answer": 3}'
#: Double braces: a prompt is no template, and reaches the target as written.
CLEAR = "Write exactly {{ one }} JSON object."


def test_a_better_prompt_is_accepted_stored_and_asked_in_runs():
    experiment, optimiser = target(system_rules={CLEAR: [JSON]}), writer(GOOD.format(prompt=CLEAR))
    told = optimise(experiment, optimiser)
    assert "TRAIN 7, VAL 3, TEST 2 problems, none in common, seed 0." in told
    assert "Round 1: VAL" in told
    assert "3 valid" in told
    assert "accepted. says too much" in told
    assert "Round 2" not in told  # nothing is left to gain
    prompt = Prompt.objects.get(name=f"{experiment.name}: prompts found, seed 0")
    versions = prompt.variants.filter(name="optimised").order_by("version")
    assert ["exactly" in each.system for each in versions] == [False, True]
    assert "optimised v2: VAL" in prompt.description
    assert "TEST, asked once: at the start" in prompt.description
    assert Run.objects.filter(experiment__name__contains="prompt search, optimiser").count() == 1
    assert sum(Run.objects.values_list("n_samples", flat=True)) == 3 + 2 + 1 + 3 + 2 + 2
    # Begun again, it asks nothing twice and tells the same.
    runs, variants = Run.objects.count(), Variant.objects.count()
    assert optimise(experiment, optimiser) == told
    assert (Run.objects.count(), Variant.objects.count()) == (runs, variants)


def test_a_worse_prompt_is_refused_and_three_rounds_without_a_gain_are_enough():
    rules = {f"{i} + 3 =": [JSON] for i in (0, 2, 4, 6, 8, 10)}
    experiment = target(rules=rules, system_rules={"Be silent": ["No."]})
    told = optimise(experiment, writer(GOOD.format(prompt="Be silent.")), val=6, rounds=9)
    assert told.count("refused") == 3
    assert "accepted" not in told
    assert Variant.objects.filter(name="optimised").count() == 1


def test_an_optimiser_that_says_nothing_useful_is_told_of_and_leaves_the_start():
    told = optimise(target(), writer("Just try harder."), rounds=1)
    assert told.count("gave no prompt between <prompt> and </prompt>") == 1
    assert "You solve problems." in told.splitlines()[-2]


def test_what_cannot_be_searched_is_refused_in_words():
    optimiser = writer("")
    with pytest.raises(CommandError, match="need 62: take a larger dataset"):
        optimise(target(), optimiser, val=50, test=10)
    with pytest.raises(CommandError, match="grader “JSON contract”"):
        optimise(make_experiment(problems=8), optimiser)
    with pytest.raises(CommandError, match="one language model"):
        optimise(make_experiment(problems=8, language_models=[writer("a"), writer("b")]), optimiser)
    with pytest.raises(CommandError, match="at least 1"):
        optimise(target(), optimiser, rounds=0)
    assert not Run.objects.exists()


def test_the_bundled_model_can_be_the_target():
    bundled = LanguageModel.objects.create(name="bundled", backend="llama_cpp", params={})
    experiment = target(bundled)
    experiment.decoding = {"max_tokens": 24}
    experiment.save()
    told = optimise(experiment, writer(GOOD.format(prompt=CLEAR)), batch=1, val=2, test=1, rounds=1)
    assert "Round 1: VAL" in told
    assert "of 2" in told
    assert "TEST, asked once" in told
    assert set(Run.objects.values_list("state", flat=True)) == {"completed"}
