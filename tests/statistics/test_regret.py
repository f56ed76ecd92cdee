import numpy as np
import pytest

from experiments.statistics.regret import regret

TOKENS, ACCURACY = np.array([500.0, 1500.0, 3000.0]), np.array([0.25, 0.5, 0.75])


def test_the_handbooks_values():
    assert regret(TOKENS, ACCURACY, 1000) == pytest.approx(0.78125, abs=1e-12)
    assert regret(TOKENS, ACCURACY, 4096) == pytest.approx(0.46362, abs=5e-6)


def test_an_answer_right_from_the_first_token_has_hardly_any_regret_and_none_right_has_it_all():
    assert regret(np.array([1e-9]), np.array([1.0]), 100) == pytest.approx(0, abs=1e-9)
    assert regret(np.array([10.0, 20.0]), np.array([0.0, 0.0]), 100) == 1
