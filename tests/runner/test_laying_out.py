"""Studies know strategies by name; here their options are filled in."""

import pytest

from experiments.domain.errors import InvalidInput
from experiments.domain.types import Decoding
from experiments.runner.laying_out import lay_out
from experiments.studies.base import studies
from tests.factories import make_run

from .working import work_until_idle


def laid_out(**options):
    study = studies.build("test_time_compute", options)
    return {cell.strategy.name: cell for cell in lay_out(study, ["m"], ["plain"], Decoding())}


def test_every_strategy_takes_the_shared_options_it_has():
    cells = laid_out(strategies=["beam_search", "rebase", "particle_filter", "self_refine"], budgets=[12], separators=["\n"])
    assert cells["beam_search"].strategy.params["n"] == 12
    assert "width" not in cells["beam_search"].strategy.params
    assert cells["rebase"].strategy.params["width"] == 12
    assert cells["particle_filter"].strategy.params["particles"] == 12
    assert cells["beam_search"].strategy.params["separators"] == ["\n"]
    assert "separators" not in cells["self_refine"].strategy.params
    assert all(cell.offered == {} for cell in cells.values())


def test_an_option_of_its_own_wins_over_a_shared_one():
    cells = laid_out(strategies=["beam_search"], budgets=[12], overrides={"beam_search": {"n": 6, "width": 2}})
    assert (cells["beam_search"].strategy.params["n"], cells["beam_search"].strategy.params["width"]) == (6, 2)


def test_what_uses_an_oracle_carries_the_word():
    cells = laid_out(strategies=["repair_oracle", "heart_oracle", "revisions"], budgets=[4, 8])
    assert cells["repair_oracle"].label == "Repair with feedback (oracle), N = 8"
    assert "(oracle)" in cells["heart_oracle"].label
    assert "oracle" not in cells["revisions"].label


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"strategies": ["nonsense"]}, "nonsense"),
        ({"strategies": ["beam_search"], "overrides": {"beam_search": {"wings": 2}}}, "wings"),
        ({"strategies": ["beam_search"], "budgets": [6]}, "divisible"),
    ],
)
def test_what_a_strategy_cannot_take_is_refused_with_its_name(options, said):
    with pytest.raises(InvalidInput, match=said):
        laid_out(**options)


@pytest.mark.django_db(transaction=True)
def test_a_run_of_several_strategies_ends_with_their_comparison():
    options = {"strategies": ["self_consistency", "repair_oracle"], "pool_n": 6, "budgets": [3]}
    run = make_run(problems=8, study="test_time_compute", study_params=options)
    work_until_idle()
    found = {finding.key: finding for finding in run.findings.all()}
    assert "of 3: " in found["headline"].sentence
    rows = {row[0]: row for row in found["table"].details["table"]["rows"]}
    assert {"Self-consistency", "Repair with feedback (oracle)", "majority of 6", "any of 6 (oracle)"} < set(rows)
    assert "oracle: not ranked" in rows["Repair with feedback (oracle)"]
    assert found["cost-tokens"].figure["series"][-1]["name"] == "Pareto frontier"
