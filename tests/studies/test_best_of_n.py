import numpy as np
import pytest

from experiments.domain.errors import InvalidInput
from experiments.domain.types import Decoding
from experiments.statistics.pass_at_k import pass_at_k
from experiments.statistics.pools import Pool
from experiments.studies.base import ConditionPools, studies

SELECTORS = [
    "oracle (pass@k)",
    "majority",
    "best by mean logprob",
    "weighted by mean logprob",
    "shortest",
    "mean (no selection)",
]


def study(**options):
    return studies.build("best_of_n", options)


def random_pools(n_problems=40, n=16, seed=1, helpful=3.0, scored=True):
    """p_i ~ Beta(0.5, 1); wrong answers spread over five; scores of right samples are `helpful` higher on average."""
    rng = np.random.default_rng(seed)
    pools = []
    for i in range(n_problems):
        right = rng.random(n) < rng.beta(0.5, 1)
        scores = {"mean_logprob": rng.normal(right * helpful, 1)} if scored else {}
        pools.append(Pool(f"p{i:02}", np.where(right, 0, rng.integers(1, 6, n)), right, rng.integers(5, 50, n), scores))
    return pools


def condition(pools, label="model, plain", planned=50):
    return ConditionPools(label, label, pools, planned)


def findings(*conditions, seed=0, analyses=(), **options):
    options["analyses"] = analyses
    return {found.key: found for found in study(**options).findings(conditions, np.random.default_rng(seed))}


class TestLayOut:
    def test_every_model_meets_every_variant_with_a_pool_of_n(self):
        cells = study(n=8).lay_out(["m1", "m2"], ["plain", "steps"], Decoding())
        assert [(c.language_model, c.variant) for c in cells] == [
            ("m1", "plain"),
            ("m1", "steps"),
            ("m2", "plain"),
            ("m2", "steps"),
        ]
        assert len({c.key for c in cells}) == 4
        assert {(c.strategy.name, c.strategy.params["n"]) for c in cells} == {("pool", 8)}

    def test_labels_say_what_tells_the_conditions_apart(self):
        assert [c.label for c in study().lay_out(["m"], ["plain", "steps"], Decoding())] == ["plain", "steps"]
        assert [c.label for c in study().lay_out(["m", "o"], ["plain"], Decoding())] == ["m", "o"]
        assert [c.label for c in study().lay_out(["m"], ["plain"], Decoding())] == ["m, plain"]

    def test_temperature_zero_is_refused_because_all_samples_would_be_equal(self):
        with pytest.raises(InvalidInput, match="all 16 samples would be the same text"):
            study().lay_out(["m"], ["plain"], Decoding(temperature=0))
        assert len(study(n=1).lay_out(["m"], ["plain"], Decoding(temperature=0))) == 1

    @pytest.mark.parametrize(("models", "variants"), [([], ["plain"]), (["m"], [])])
    def test_a_design_without_a_model_or_variant_is_refused(self, models, variants):
        with pytest.raises(InvalidInput, match="at least one language model and one prompt variant"):
            study().lay_out(models, variants, Decoding())

    def test_a_k_beyond_n_is_refused_by_name(self):
        with pytest.raises(InvalidInput, match="between 1 and N = 8, which 9 is not"):
            study(n=8, ks=(1, 9))

    @pytest.mark.parametrize("n", [0, 10_001, "many"])
    def test_an_impossible_n_is_refused(self, n):
        with pytest.raises(InvalidInput, match=r"Samples \(N\)"):
            study(n=n)


class TestCurves:
    def test_every_selector_is_drawn_at_powers_of_two_and_n(self):
        figure = findings(condition(random_pools(n=12)), n=12)["curves"].figure
        assert [series.name for series in figure.series] == SELECTORS
        assert all(series.x == [1, 2, 4, 8, 12] and series.n == 40 for series in figure.series)

    def test_the_oracles_line_is_pass_at_k_with_a_band_around_it(self):
        pools = random_pools()
        oracle = findings(condition(pools))["curves"].figure.series[0]
        assert oracle.y == pytest.approx(pass_at_k(16, [p.correct.sum() for p in pools], (1, 2, 4, 8, 16)).mean(axis=0))
        assert all(low < y < high for low, y, high in zip(oracle.low, oracle.y, oracle.high, strict=True))

    def test_own_values_of_k_are_kept_in_order_with_one_and_n(self):
        figure = findings(condition(random_pools()), ks=(5, 3))["curves"].figure
        assert figure.series[0].x == [1, 3, 5, 16]

    def test_all_selectors_meet_the_mean_at_one_sample(self):
        figure = findings(condition(random_pools()))["curves"].figure
        assert [series.y[0] for series in figure.series] == pytest.approx([figure.series[-1].y[0]] * 6)

    def test_several_conditions_are_named_in_the_legend(self):
        figure = findings(condition(random_pools(), "plain"), condition(random_pools(seed=2), "steps"))["curves"].figure
        assert [series.name for series in figure.series] == [f"{c}: {s}" for c in ("plain", "steps") for s in SELECTORS]


class TestHeadline:
    def test_it_compares_selecting_with_a_single_sample_in_pairs(self):
        headline = findings(condition(random_pools()))["headline"]
        gain = headline.estimates["best by mean logprob@16 − mean@1"]
        best, single = headline.estimates["best by mean logprob@16"], headline.estimates["mean@1"]
        assert gain.value == pytest.approx(best.value - single.value)
        assert gain.n == 40
        assert headline.sentence.startswith(
            f"Best of 16 by mean logprob answers {best.value:.2f} of the problems, a single sample {single.value:.2f}: "
            f"difference +{gain.value:.2f} [+{gain.low:.2f}, +{gain.high:.2f}], paired over 40 problems. Majority of 16: "
        )

    def test_a_difference_whose_interval_holds_zero_is_called_no_clear_difference(self):
        headline = findings(condition(random_pools(helpful=0.0, seed=4)))["headline"]
        gain = headline.estimates["best by mean logprob@16 − mean@1"]
        assert gain.low < 0 < gain.high
        assert f"{gain.high:.2f}]: no clear difference, paired over 40 problems." in headline.sentence
        assert "−" in headline.sentence
        assert " -" not in headline.sentence.replace("−", "")
        assert "[-" not in headline.sentence

    def test_a_clean_sweep_over_very_few_problems_is_not_called_a_difference(self):
        right_ones_score_higher = [
            Pool(f"p{i}", np.array([0, 1]), np.array([True, False]), np.ones(2), {"mean_logprob": np.array([0.0, -1.0])})
            for i in range(4)
        ]
        sentence = findings(condition(right_ones_score_higher), n=2)["headline"].sentence
        assert "difference +0.50 [+0.50, +0.50]: too few problems to tell" in sentence

    def test_nothing_complete_yet_is_said_so(self):
        found = findings(condition([]))
        assert list(found) == ["headline"]
        assert "No problem has all its samples yet" in found["headline"].sentence
        assert found["headline"].estimates == {}

    def test_a_condition_without_pools_waits_while_another_is_shown(self):
        found = findings(condition(random_pools(), "plain"), condition([], "steps"))
        assert "pairs" not in found
        assert found["headline"].sentence.startswith("plain: Best of 16")
        assert len(found["curves"].figure.series) == 6

    def test_one_problem_has_numbers_without_intervals(self):
        found = findings(condition(random_pools(n_problems=1)))
        assert "from one problem: no interval" in found["headline"].sentence
        assert found["curves"].figure.series[0].low is None
        assert all(estimate.low is None for estimate in found["headline"].estimates.values())

    def test_samples_without_any_answer_point_to_the_grader(self):
        silent = [Pool(f"p{i}", np.full(4, -1), np.zeros(4, bool), np.ones(4)) for i in range(5)]
        found = findings(condition(silent), n=4)
        assert found["headline"].sentence.startswith("No answer was found in any of the 20 samples of 5 problems")
        assert "No power law was fitted to coverage: no problem was solved" in found["coverage"].sentence

    def test_a_missing_verifier_is_said_and_its_curves_left_out(self):
        found = findings(condition(random_pools(scored=False)))
        assert found["headline"].sentence.startswith("Majority of 16 answers ")
        assert "No sample has a score by mean logprob, so its curves are missing." in found["headline"].sentence
        assert [s.name for s in found["curves"].figure.series] == [SELECTORS[i] for i in (0, 1, 4, 5)]

    def test_a_single_sample_leaves_nothing_to_select(self):
        sentence = findings(condition(random_pools(n=1)), n=1)["headline"].sentence
        assert sentence.startswith("A single sample answers ")
        assert "nothing to select" in sentence

    def test_repeats_of_a_problem_do_not_count_as_more_problems(self):
        once, twice = random_pools(20), random_pools(20, seed=9)
        assert findings(condition(once + twice))["headline"].estimates["mean@1"].n == 20


class TestPairs:
    def test_conditions_are_compared_on_the_problems_they_share(self):
        plain, steps = random_pools(), random_pools(seed=2)[:30]
        pairs = findings(condition(plain, "plain"), condition(steps, "steps"))["pairs"]
        single = pairs.estimates["plain − steps: mean (no selection)@1"]
        expected = np.mean([a.correct.mean() - b.correct.mean() for a, b in zip(plain, steps, strict=False)])
        assert single.value == pytest.approx(expected)
        assert single.n == 30

    def test_the_number_of_comparisons_is_stated(self):
        three = [condition(random_pools(seed=i), f"c{i}") for i in range(3)]
        pairs = findings(*three)["pairs"]
        assert len(pairs.estimates) == pairs.details["comparisons"] == 12
        assert pairs.sentence.startswith("12 paired comparisons of 3 conditions: ")
        assert "not corrected" in pairs.sentence

    def test_a_condition_against_its_equal_is_no_clear_difference(self):
        same = [condition(random_pools(), "plain"), condition(random_pools(), "again")]
        pairs = findings(*same)["pairs"]
        assert {estimate.value for estimate in pairs.estimates.values()} == {0.0}
        assert "none is a clear difference" in pairs.sentence


class TestAnalyses:
    def test_by_default_every_analysis_runs_that_the_pools_are_enough_for_and_the_others_are_named(self):
        found = findings(condition(random_pools()), analyses=("all",))
        assert {"plateau", "selectors", "regret", "separation", "length", "pass_until"} < set(found)
        assert not {"rpc", "complexity", "imperfect_verifier"} & set(found)
        left_out = found["left_out"].sentence
        assert left_out.startswith("Not computed: ")
        assert "Imperfect verifier (two graders) (needs a second grader's verdict on every sample)" in left_out
        assert list(found)[:3] == ["headline", "curves", "coverage"]

    def test_an_analysis_asked_for_by_name_says_what_it_lacks(self):
        found = findings(condition(random_pools()), analyses=("rpc", "regret"))
        assert list(found) == ["headline", "curves", "coverage", "rpc", "regret"]
        assert found["rpc"].sentence == "Not computed: it needs log-probabilities of the texts."
        assert found["rpc"].figure is None

    def test_analyses_take_their_options_from_the_study(self):
        options = {"plateau": {"target": 0.25}}
        found = findings(condition(random_pools()), analyses=("plateau",), analysis_options=options)
        assert "reaches 0.25 with" in found["plateau"].sentence

    @pytest.mark.parametrize(
        ("options", "message"),
        [
            ({"analyses": ("horoscope",)}, "Unknown analysis “horoscope”"),
            ({"analysis_options": {"plateau": {"target": 2}}}, "Target: Input should be less than 1"),
            ({"analysis_options": {"horoscope": {}}}, "Unknown analysis “horoscope”"),
        ],
    )
    def test_an_unknown_analysis_or_a_wrong_option_is_refused(self, options, message):
        with pytest.raises(InvalidInput, match=message):
            study(**options)

    def test_conditions_are_told_apart_in_sentences_estimates_and_figures(self):
        found = findings(condition(random_pools(), "plain"), condition(random_pools(seed=2), "steps"), analyses=("regret",))
        regret = found["regret"]
        assert regret.sentence.startswith("plain: Regret over a budget of ")
        assert " steps: Regret over a budget of " in regret.sentence
        assert "plain: regret, majority" in regret.estimates
        assert [series.name for series in regret.figure.series][:2] == ["plain: oracle (pass@k)", "plain: majority"]

    def test_an_analysis_says_the_same_whichever_others_run(self):
        alone = findings(condition(random_pools()), analyses=("regret",))["regret"]
        among = findings(condition(random_pools()), analyses=("selectors", "regret", "length"))["regret"]
        assert alone == among


class TestCoverage:
    def test_the_law_is_named_an_oracles_and_shows_its_quality(self):
        found = findings(condition(random_pools(200)))["coverage"]
        assert found.sentence.startswith("Oracle coverage exp(a k^b) with a = −")
        assert f"R² {found.details['model, plain']['r_squared']:.3f}" in found.sentence
        assert found.estimates["a"].low < found.estimates["a"].value < found.estimates["a"].high < 0
        assert [series.name for series in found.figure.series] == ["oracle (pass@k)", "fit"]
        assert found.figure.series[1].dashed

    def test_a_good_fit_says_what_the_next_round_coverage_would_take(self):
        found = findings(condition(random_pools(200)))["coverage"]
        (name,) = [name for name in found.estimates if name.startswith("samples for ")]
        samples = found.estimates[name]
        assert 1 < samples.low < samples.value < samples.high < 1600
        assert samples.value > 16
        coverage = name.removeprefix("samples for ")
        assert f"If the law goes on, a coverage of {coverage} takes {samples.value:,.0f} [" in found.sentence

    def test_an_extrapolation_without_an_end_is_left_out(self):
        hardly_growing = [
            Pool(f"p{i}", np.where(right, 0, 1), right, np.ones(16), {})
            for i, right in enumerate(np.arange(16) < c for c in [16] * 40 + [0] * 40 + [1])
        ]
        found = findings(condition(hardly_growing))["coverage"]
        assert set(found.estimates) == {"a", "b"}
        assert "If the law goes on" not in found.sentence

    def test_too_few_points_are_no_law(self):
        assert "4 values of k or more" in findings(condition(random_pools(n=3)), n=3)["coverage"].sentence


def test_the_same_pools_and_seed_give_the_same_findings():
    first = findings(condition(random_pools()), seed=5)
    again = findings(condition(random_pools()), seed=5)
    assert first == again
    assert first != findings(condition(random_pools()), seed=6)
