from experiments.statistics.selectors.family import SELECTORS

from .pools import finding, full_pools


def test_every_selector_is_drawn_and_compared_with_the_majority():
    found = finding("selectors", full_pools(150, helpful=4.0))
    assert len(found.figure.series) == len(SELECTORS)
    gain = found.estimates["best by score − majority@16"]
    assert gain.low > 0
    assert f"best by score +{gain.value:.2f} [+{gain.low:.2f}, +{gain.high:.2f}]" in found.sentence
    assert "not corrected for 11 comparisons" in found.sentence
    assert found.estimates["worst of k (oracle)@16"].value <= found.estimates["oracle (pass@k)@16"].value
