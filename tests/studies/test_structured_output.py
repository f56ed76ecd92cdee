"""The design of a study of structured output, what it reads out of marks, and one small run of the bundled model."""

import numpy as np
import pytest

from experiments.domain.errors import InvalidInput
from experiments.domain.types import Decoding, Plugin
from experiments.models import LanguageModel
from experiments.reports.findings import refresh
from experiments.runner.planning import create_run
from experiments.statistics.costs import Cost
from experiments.statistics.intervals import wilson
from experiments.statistics.pools import Pool
from experiments.studies.base import AttemptOutcome, ConditionPools, HeatMap, Setting, studies
from experiments.studies.structured_output import REFERENCE
from tests.factories import make_experiment, make_user
from tests.runner.working import work_until_idle

# What the grader tells of a reply, by a letter: joint, right only, valid only, neither.
TOLD = {
    "j": {"valid": True, "right": True, "right_strict": True, "failure": "", "repaired": True},
    "r": {"valid": False, "right": True, "right_strict": False, "failure": "JSON in a markdown fence", "repaired": True},
    "v": {"valid": True, "right": False, "right_strict": False, "failure": "", "repaired": True},
    "n": {"valid": False, "right": False, "right_strict": False, "failure": "no JSON", "repaired": False},
}


def study(**options):
    return studies.build("structured_output", options)


def condition(arm: str, replies: str, seconds: float = 1.0, tokens: int = 10) -> ConditionPools:
    """Problem by problem one reply, or several between blanks."""
    groups = replies.split() if " " in replies else list(replies)
    pools, outcomes = [], []
    for i, letters in enumerate(groups):
        n = len(letters)
        told = [TOLD[letter] for letter in letters]
        pools.append(Pool(f"p{i:02}", np.zeros(n, int), np.zeros(n, bool), np.full(n, tokens), grading=told))
        outcomes.append(AttemptOutcome(f"p{i:02}", 0, None, n, Cost(seconds=seconds * n), Cost(), Cost()))
    setting = Setting("m", "v", Decoding(), Plugin("pool"), is_pool=True, uses_oracle=False)
    return ConditionPools(f"model1-{arm}", arm, pools, len(pools), outcomes, setting)


def findings(*conditions):
    return {found.key: found for found in study().findings(conditions, np.random.default_rng(0))}


def test_five_arms_differ_in_system_prompt_and_decoding():
    cells = study(most_characters=50).lay_out(["m"], ["v"], Decoding(temperature=0))
    assert [(cell.key, bool(cell.treatment.params["text"]), cell.decoding.json_schema is not None) for cell in cells] == [
        ("model1-naive", False, False),
        ("model1-reference", True, False),
        ("model1-constrained", False, True),
        ("model1-both", True, True),
        ("model1-optimised", True, False),
    ]
    assert cells[3].treatment.params["text"] == REFERENCE
    assert cells[2].decoding.json_schema["properties"]["reasoning"]["maxLength"] == 50
    assert list(cells[2].decoding.json_schema["properties"]) == ["reasoning", "answer"]
    keys = [cell.key for cell in study(constrained=False).lay_out(["m"], ["v"], Decoding())]
    assert keys == ["model1-naive", "model1-reference", "model1-optimised"]


def test_designs_that_make_no_sense_are_refused():
    with pytest.raises(InvalidInput, match="temperature 0"):
        study(n=2).lay_out(["m"], ["v"], Decoding(temperature=0))
    with pytest.raises(InvalidInput, match="one prompt variant"):
        study().lay_out(["m"], ["v", "w"], Decoding())
    with pytest.raises(InvalidInput, match="no JSON schema"):
        study(contract={"type": "thing"})


def test_all_four_rates_and_the_gap():
    found = findings(condition("naive", "jjjrrvvvnn"))["parts"].estimates
    assert (found["naive: validity"].value, found["naive: task accuracy"].value) == (0.6, 0.5)
    assert found["naive: output accuracy"] == wilson(3, 10)
    assert found["naive: right where valid"] == wilson(3, 6)
    assert found["naive: gap"].value == pytest.approx(0.2)
    assert found["naive: recoverable"].value == pytest.approx(0.2)


def test_parts_of_a_bar_add_up_to_one():
    figure = findings(condition("naive", "jjjrrvvvnn"), condition("optimised", "jjjjjjjjjv"))["parts"].figure
    assert figure.stacked
    assert figure.x_labels == ["naive", "optimised"]
    assert [series.y for series in figure.series] == [
        pytest.approx(each) for each in ([0.3, 0.9], [0.2, 0.0], [0.3, 0.1], [0.2, 0.0])
    ]


def test_several_replies_to_a_problem_are_no_further_problems():
    found = findings(condition("naive", "jj jn nn jj"))["parts"].estimates["naive: output accuracy"]
    assert (found.value, found.n) == (0.625, 4)
    assert found.method == "bootstrap over problems"


def test_pairs_of_arms_are_tested_with_a_correction_for_being_many():
    found = findings(
        condition("naive", "n" * 20), condition("reference", "j" * 12 + "n" * 8), condition("optimised", "j" * 14 + "n" * 6)
    )
    p = found["tests"].details["p after Holm"]
    # Mid-p is 2 * 0.5^12 - 0.5^12, 0.5^14, and 1 - ... = 2 * 0.25 - 0.25 for two discordant problems.
    assert p["reference against naive"] == pytest.approx(2 * 0.5**12)
    assert p["optimised against naive"] == pytest.approx(3 * 0.5**14)
    assert p["optimised against reference"] == pytest.approx(0.25)
    assert "1 of the 3 pairs show no clear difference" in found["tests"].sentence


def test_kinds_of_failure_stand_by_arm():
    shown = findings(condition("naive", "rrnj"), condition("optimised", "jjjv"))["failures"].figure
    assert isinstance(shown, HeatMap)
    assert shown.x_labels == ["no JSON", "JSON in a markdown fence"]
    assert shown.values == [[0.25, 0.5], [0, 0]]
    assert "naive" in shown.y_labels


def test_latency_is_a_ratio_of_medians_by_reply_and_by_token():
    found = findings(condition("naive", "jjjj", seconds=2, tokens=10), condition("constrained", "jjjj", seconds=8, tokens=20))
    numbers = found["latency"].estimates
    assert numbers["constrained: seconds against naive"].value == 4
    assert numbers["constrained: seconds per token against naive"].value == 2
    assert numbers["naive: median seconds"].value == 2


def test_without_the_grader_there_is_nothing_to_tell():
    plain = condition("naive", "jj")
    for pool in plain.pools:
        pool.grading[:] = [{}]
    assert "choose the grader “JSON contract”" in findings(plain)["headline"].sentence
    (found,) = study().findings([ConditionPools("model1-naive", "naive", [], 3)], np.random.default_rng(0))
    assert found.sentence == "No problem is finished yet."


@pytest.mark.django_db(transaction=True)
def test_the_bundled_model_keeps_the_contract_where_decoding_is_constrained():
    entry = LanguageModel.objects.create(name="bundled", backend="llama_cpp", params={})
    experiment = make_experiment(
        study="structured_output",
        study_params={"most_characters": 20},
        problems=6,
        grader="json_contract",
        decoding={"temperature": 0, "max_tokens": 64},
    )
    experiment.language_models.set([entry])
    run = create_run(experiment, make_user("runs"))
    work_until_idle()
    refresh(run.pk)
    assert set(run.attempts.values_list("state", flat=True)) == {"done"}
    estimates = run.findings.get(key="parts").estimates
    assert estimates["naive: validity"]["value"] == 0
    assert estimates["constrained: validity"]["value"] == 1
    assert estimates["reference + constrained: validity"]["value"] == 1
