"""Idealized runtimes and PTE*, against the handbook's figure, known laws and sums written out."""

import numpy as np
import pytest

from experiments.statistics.runtimes import Runtime, denoised, fit_runtime, pte_star


def timings(noise=0.0, seed=0):
    """F(p) = 0.02 + 0.001 p, g = 0.02, over a grid of prompts and lengths."""
    prompt, completion = (each.ravel().astype(float) for each in np.meshgrid([16, 128, 512], [2, 8, 32, 64]))
    seconds = 0.02 + 0.001 * prompt + 0.02 * (completion - 1)
    return prompt, completion, seconds + np.random.default_rng(seed).exponential(noise, len(prompt)) if noise else seconds


def test_a_hundred_tokens_after_a_prompt_of_128_take_what_the_handbook_says():
    law = Runtime(prompts=(128.0,), firsts=(0.10,), per_token=0.02)
    assert law.seconds(np.array([128]), np.array([100])) == pytest.approx([2.08])


def test_a_law_without_noise_is_found_again():
    law = fit_runtime(*timings())
    assert law.per_token == pytest.approx(0.02)
    assert law.prompts == (16, 128, 512)
    assert law.firsts == pytest.approx((0.036, 0.148, 0.532))
    assert law.r_squared == pytest.approx(1)
    assert law.mean_squared_error == pytest.approx(0, abs=1e-12)
    assert law.per_prompt_token == pytest.approx(0.001)
    # Between measured sizes and beyond them F is a line.
    assert law.first(np.array([72, 1024])) == pytest.approx([0.092, 1.044])


def test_runs_of_one_token_tell_the_time_to_the_first_themselves():
    prompt, completion, seconds = np.array([10.0, 10.0, 10.0]), np.array([1.0, 1.0, 11.0]), np.array([0.4, 0.6, 1.5])
    law = fit_runtime(prompt, completion, seconds)
    assert law.firsts == (0.5,)
    assert law.per_token == pytest.approx(0.1)


def test_a_longer_prompt_is_never_told_to_be_faster_than_the_shortest():
    prompt, completion = np.array([10.0, 10.0, 50.0, 50.0]), np.array([2.0, 4.0, 2.0, 4.0])
    law = fit_runtime(prompt, completion, np.array([1.1, 1.3, 0.6, 0.8]))
    assert law.firsts == pytest.approx((1.0, 1.0))


def test_without_two_lengths_of_text_nothing_is_fitted():
    assert fit_runtime(np.array([5.0, 9.0]), np.array([7.0, 7.0]), np.array([1.0, 1.0])) is None


def test_of_repeated_trials_the_fastest_is_kept():
    prompt, completion, seconds = timings()
    rng = np.random.default_rng(3)
    repeated = [np.tile(each, 200) for each in (prompt, completion, seconds)]
    repeated[2] = repeated[2] + rng.exponential(0.3, len(repeated[2]))
    law = fit_runtime(*denoised(*repeated))
    assert law.per_token == pytest.approx(0.02, rel=0.02)
    assert law.firsts == pytest.approx((0.036, 0.148, 0.532), abs=0.01)


def test_prompts_of_like_length_do_not_tell_what_a_prompts_token_takes():
    assert Runtime((10.0, 40.0), (0.1, 0.4), 0.02).per_prompt_token is None
    assert Runtime((10.0, 110.0), (0.1, 0.4), 0.02).prefill_tokens([100], [60], [6]) == pytest.approx(40 + 6 * 0.02 / 0.003)


def test_pte_star_is_the_sum_written_out_token_by_token():
    prompt, cached, completion = [100, 180], [0, 150], [3, 2]
    written_out = sum(
        length - reused + sum(1.5 + 0.01 * (length + t) for t in range(1, decoded + 1))
        for length, reused, decoded in zip(prompt, cached, completion, strict=True)
    )
    assert pte_star(prompt, cached, completion, per_token=1.5, per_context_token=0.01) == pytest.approx(written_out)
