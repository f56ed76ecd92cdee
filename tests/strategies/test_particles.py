"""Particle filtering and particle Gibbs: weights, lineage, and what repeated resampling must lead to."""

from collections import Counter

import numpy as np
import pytest

from experiments.domain.errors import InvalidInput
from experiments.strategies.steps.particles import effective_sample_size, softmax_of_logits
from experiments.strategies.steps.scales import as_probability
from tests.strategies.desk import DeskLab, Tree, TreeLab, build, pseudo_score, solve

SCORES = {"scores_are": "probabilities"}


@pytest.mark.parametrize(
    ("temperature", "weights"),
    [(1.0, [0.8901, 0.0989, 0.0110]), (2.0, [0.6923, 0.2308, 0.0769]), (0.5, [0.98766, 0.01219, 0.00015])],
)
def test_check_values(temperature, weights):
    assert softmax_of_logits([0.9, 0.5, 0.1], temperature, 0.05) == pytest.approx(weights, abs=6e-5)


def test_certain_scores_are_clipped_lest_one_particle_takes_all():
    assert softmax_of_logits([1.0, 0.0], 1.0, 0.05) == pytest.approx([19**2 / (19**2 + 1), 1 / (19**2 + 1)])
    assert softmax_of_logits([1.0, 0.95, 0.99], 1.0, 0.05) == pytest.approx([1 / 3] * 3)


def test_effective_sample_size():
    assert effective_sample_size(np.array([0.25] * 4)) == pytest.approx(4)
    assert effective_sample_size(np.array([1.0, 0.0])) == 1
    assert effective_sample_size(np.array([0.5, 0.25, 0.25])) == pytest.approx(1 / 0.375)


def test_the_temperature_changes_in_a_line():
    method = build("particle_filter", temperature=3, last_temperature=1, temperature_steps=4)
    assert [method.temperature_at(step) for step in (0, 1, 2, 4, 9)] == [3, 2.5, 2, 1, 1]
    assert build("particle_filter", temperature=3).temperature_at(5) == 3


@pytest.mark.parametrize(
    ("score", "scale", "probability"),
    [
        (-0.5, "log_probabilities", 0.60653),
        (1e-9, "log_probabilities", 1.0),
        (0.25, "probabilities", 0.25),
        (0.0, "other_numbers", 0.5),
        (2.0, "other_numbers", 0.88080),
        (-800.0, "other_numbers", 0.0),
        (800.0, "other_numbers", 1.0),
        (None, "probabilities", 0.0),
    ],
)
def test_scores_become_probabilities(score, scale, probability):
    assert as_probability(score, scale, "judge") == pytest.approx(probability, abs=5e-6)


@pytest.mark.parametrize(("score", "scale"), [(0.7, "log_probabilities"), (-0.1, "probabilities"), (1.1, "probabilities")])
def test_a_score_of_another_scale_is_refused(score, scale):
    with pytest.raises(InvalidInput, match=r"“judge” gave the score .* Choose another answer to “Scores are”"):
        as_probability(score, scale, "judge")


async def test_the_lineage_tells_which_particle_came_from_which():
    lab = TreeLab(Tree(4, depth=3))
    outcome = await solve("particle_filter", lab, particles=6, **SCORES)
    by_index = {sample.index: sample for sample in lab.drawn}
    before = [None] * 6
    for step in outcome.trace["lineage"]:
        written = [by_index[index] for index in step["samples"]]
        assert [lab.parents[sample.key] for sample in written] == before
        weights = softmax_of_logits([pseudo_score(sample.whole_text) for sample in written], 1.0, 0.05)
        assert step["weights"] == pytest.approx(weights.tolist(), abs=1e-6)
        assert step["effective_sample_size"] == pytest.approx(1 / sum(weights**2))
        before = [written[i] for i in step["ancestors"]]
        assert step["distinct_ancestors"] == len({sample.index for sample in before})
    assert outcome.chosen == max(before, key=lambda sample: pseudo_score(sample.whole_text))
    assert {sample.index for sample in lab.handed_in} == {sample.index for sample in before}


async def test_a_particle_survives_in_proportion_to_its_odds():
    scores = {"good": 0.8, "bad": 0.2}  # odds 4 and 1/4: weights of 16 to 1 for each pair
    shares = []
    for seed in range(60):
        lab = DeskLab({"answers": ["good\n\nIt is 7.", "bad\n\nIt is 6."]}, lambda text: scores.get(text, 0.5), seed)
        outcome = await solve("particle_filter", lab, particles=16, **SCORES)
        first = outcome.trace["lineage"][0]
        good = np.array([lab.drawn[index].text == "good" for index in first["samples"]])
        expected = 16 * good.sum() / (16 * good.sum() + (~good).sum())
        shares.append(np.mean(good[first["ancestors"]]) - expected)
    assert abs(np.mean(shares)) < 0.02


async def test_finished_particles_keep_their_weight_and_are_resampled_too():
    lab = TreeLab(Tree(2, depth=4, uneven=True))
    outcome = await solve("particle_filter", lab, particles=8, ends_at_answer=False, **SCORES)
    steps = outcome.trace["lineage"]
    seen = Counter(index for step in steps for index in set(step["samples"]))
    assert max(seen.values()) > 1, "a finished particle takes part in later steps"
    assert all(len(step["ancestors"]) == 8 for step in steps)


@pytest.mark.parametrize("choice", ["largest_weight", "draw_by_weight", "weighted_vote", "majority"])
async def test_every_way_to_choose_chooses_a_final_particle(choice):
    lab = TreeLab(Tree(6, depth=3))
    outcome = await solve("particle_filter", lab, choice=choice, **SCORES)
    assert outcome.chosen in lab.handed_in
    assert outcome.trace["chosen_by"] == choice.replace("_", " ")


async def test_a_reference_takes_part_as_it_stood_after_each_step_and_its_copies_go_on_from_there():
    lab = TreeLab(Tree(8, depth=3))
    outcome = await solve("particle_gibbs", lab, particles=4, sweeps=3, references=1, **SCORES)
    by_index = {sample.index: sample for sample in lab.drawn}
    first, *later = outcome.trace["lineage"]
    assert first["references"] == []
    for sweep in later:
        (reference,) = sweep["references"]
        path = [by_index[reference]]
        while (parent := lab.parents[path[0].key]) is not None:
            path.insert(0, parent)
        assert [step["samples"][-1] for step in sweep["steps"]] == [sample.index for sample in path]
        for step, following in zip(sweep["steps"], sweep["steps"][1:], strict=False):
            ancestors = [by_index[step["samples"][i]] for i in step["ancestors"]]
            assert [lab.parents[by_index[index].key] for index in following["samples"][:-1]] == ancestors
    assert len(lab.drawn) == 4 * 3 + 2 * 3 * 3
    assert outcome.chosen in lab.handed_in


async def test_references_are_kept_from_the_last_sweep_by_weight():
    lab = TreeLab(Tree(9, depth=2))
    outcome = await solve("particle_gibbs", lab, particles=4, sweeps=2, references=2, **SCORES)
    (_, second) = outcome.trace["lineage"]
    assert len(second["references"]) == 2
    assert len(second["steps"][0]["ancestors"]) == 2


def test_references_must_leave_particles_free():
    with pytest.raises(InvalidInput, match="4 references leave none of 4 particles free"):
        build("particle_gibbs", particles=4, references=4)


async def test_equal_scores_resample_evenly():
    lab = DeskLab({"answers": ["a\n\nIt is 7.", "b\n\nIt is 6."]}, lambda text: None)
    outcome = await solve("particle_filter", lab, particles=4, **SCORES)
    assert outcome.trace["lineage"][0]["weights"] == [0.25] * 4
    assert outcome.trace["lineage"][0]["effective_sample_size"] == pytest.approx(4)
    assert outcome.trace["unscored_steps"] == len(lab.drawn)
