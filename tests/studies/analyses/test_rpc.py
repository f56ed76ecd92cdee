import pytest

from .pools import finding, full_pools


def test_probabilities_that_know_better_beat_the_count():
    found = finding("rpc", full_pools(300, n=16))
    assert [series.name for series in found.figure.series] == ["majority", "likeliest (PPL)", "perplexity consistency", "RPC"]
    assert found.estimates["perplexity consistency − majority@16"].low > 0
    details = found.details["condition"]
    assert 0 < details["pruned"] < 0.6
    assert details["right_of_pruned"] < details["right_of_kept"]
    assert f"RPC prunes {details['pruned']:.0%} of the texts" in found.sentence


def test_with_few_samples_it_says_that_nothing_is_pruned():
    found = finding("rpc", full_pools(20, n=8))
    assert "With fewer than 16 samples" in found.sentence
    assert found.estimates["RPC − perplexity consistency@8"].value == pytest.approx(0)
