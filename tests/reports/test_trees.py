"""Trees out of rows: the chosen path, the branches given up, and the marks that draw them."""

from experiments.reports.attempt_texts import AttemptText
from experiments.reports.trees import FOLDED_FROM, Generation, draw_tree, is_tree


def step(pk: int, parent: int | None = None, verdict: str = "", purpose: str = "step", **fields) -> AttemptText:
    return AttemptText(pk, pk, parent, purpose, f"step {pk}", verdict=verdict, **fields)


#   1 - 3 (right, chosen)
#     - 4
#   2 - 5 - 6 (wrong)
SMALL = [step(1), step(2), step(3, 1, "correct"), step(4, 1), step(5, 2), step(6, 5, "wrong")]


def drawn(tree) -> str:
    """The marks as a line, faded steps in small letters' brackets."""
    words = {"open": "(", "close": ")", "end": "", "fold": "[", "unfold": "]"}
    return " ".join(
        words.get(mark.kind) or (f"~{mark.step.text.pk}" if mark.step.fades else f"{mark.step.text.pk}")
        for mark in tree.marks
        if mark.kind != "end"
    )


def steps(tree) -> dict:
    return {mark.step.text.pk: mark.step for mark in tree.marks if mark.step}


def test_the_chosen_path_stands_out_and_what_led_nowhere_fades():
    tree = draw_tree(SMALL, chosen=3, trace={}, is_over=True)
    assert drawn(tree) == "1 ( 3 ~4 ) 2 ( 5 ( 6 ) )"
    assert [pk for pk, each in steps(tree).items() if each.is_chosen] == [1, 3]
    assert (tree.n_steps, tree.depth, tree.n_given_up) == (6, 3, 1)


def test_every_step_that_opens_closes():
    kinds = [mark.kind for mark in draw_tree(SMALL, 3, {}, True).marks]
    assert kinds.count("open") == kinds.count("close") == 3
    assert kinds.count("step") == kinds.count("end") + kinds.count("close") == 6


def test_while_it_grows_the_newest_steps_may_still_lead_somewhere():
    growing = [step(1), step(2), step(3, 1), step(4, 1)]
    assert drawn(draw_tree(growing, None, {}, is_over=False)) == "1 ( 3 4 ) ~2"
    assert drawn(draw_tree(growing, None, {}, is_over=True)) == "~1 ( ~3 ~4 ) ~2"


def test_a_failed_step_leads_nowhere():
    assert drawn(draw_tree([step(1), step(2, failed=True)], None, {}, is_over=False)) == "1 ~2"


def test_steps_looked_ahead_are_told_from_the_paths():
    texts = [step(1), step(2, 1, purpose="rollout"), step(3, 1, "wrong")]
    tree = draw_tree(texts, 3, {}, True)
    assert drawn(tree) == "1 ( 3 ~2 )"
    assert steps(tree)[2].is_rollout


def test_in_a_large_tree_branches_given_up_fold_under_the_step_they_left():
    texts = [step(1), step(2, 1, "correct"), *(step(pk, 1) for pk in range(3, FOLDED_FROM)), step(100, 3)]
    tree = draw_tree(texts, 2, {}, True)
    fold = next(mark for mark in tree.marks if mark.kind == "fold")
    assert fold.n_hidden == FOLDED_FROM - 2
    assert drawn(tree).startswith("1 ( 2 [ ~3 ( ~100 ) ~4")
    assert drawn(tree).endswith("] )")


def test_a_brief_drawing_counts_what_is_folded_and_leaves_it_out():
    texts = [step(1), *(step(pk, 1) for pk in range(3, FOLDED_FROM + 1)), step(100, 1, "correct")]
    assert drawn(draw_tree(texts, 100, {}, True, brief=True)) == "1 ( 100 [ ] )"


def test_the_chosen_step_comes_first_whenever_it_was_written():
    assert drawn(draw_tree([step(1, None, "wrong"), step(2, None, "correct")], 2, {}, True)) == "2 1"


def test_a_step_shows_the_score_of_the_search():
    text = step(1, scores={"judge": 0.2, "mean_logprob": -1.0})
    assert steps(draw_tree([text], None, {}, True, verifier="mean_logprob"))[1].score == -1.0
    assert steps(draw_tree([text], None, {}, True))[1].score == 0.2
    assert steps(draw_tree([step(1)], None, {}, True))[1].score is None


def test_a_path_of_a_thousand_steps_is_drawn():
    tree = draw_tree([step(pk, pk - 1 or None, "wrong" if pk == 1000 else "") for pk in range(1, 1001)], 1000, {}, True)
    assert tree.depth == 1000
    assert tree.n_given_up == 0


def test_particles_carry_their_weights_and_draws_and_generations_their_effective_size():
    lineage = [
        {
            "samples": [1, 2],
            "weights": [0.75, 0.25],
            "effective_sample_size": 1.6,
            "ancestors": [0, 0],
            "distinct_ancestors": 1,
        }
    ]
    texts = [step(1), step(2), step(3, 1, "correct"), step(4, 1, "correct")]
    tree = draw_tree(texts, 3, {"lineage": lineage}, True)
    assert steps(tree)[1].notes == ("w 0.75", "2×")
    assert steps(tree)[2].notes == ("w 0.25", "0×")
    (sweep,) = tree.sweeps
    assert sweep.generations == [Generation(1, 1.6, 2, 1)]
    assert sweep.generations[0].percent == 80


def test_particle_gibbs_has_several_sweeps():
    one = {"samples": [1], "weights": [1.0], "effective_sample_size": 1.0, "ancestors": [0], "distinct_ancestors": 1}
    trace = {"lineage": [{"references": [], "steps": [one]}, {"references": [1], "steps": [one, one]}]}
    assert [len(sweep.generations) for sweep in draw_tree([step(1)], None, trace, True).sweeps] == [1, 2]


def test_shares_of_the_width_stand_at_their_steps():
    tree = draw_tree([step(1), step(2)], None, {"widths": [{"samples": [1, 2], "widths": [3, 1]}]}, True)
    assert steps(tree)[1].notes == ("width 3",)


def test_a_pool_is_no_tree():
    assert is_tree(SMALL)
    assert not is_tree([step(1, purpose="answer")])
