"""Temperature scaling: one number that makes confidences honest without changing their order. Guo et al. 2017."""

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import expit, logit

from .calibration import log_loss

_RANGE = (-4.0, 4.0)  # of log temperature


def scaled(confidence: np.ndarray, temperature: float) -> np.ndarray:
    """The logit divided by the temperature: above 1 confidences move towards a half."""
    return expit(logit(np.clip(confidence, 1e-6, 1 - 1e-6)) / temperature)


def fit_temperature(confidence: np.ndarray, correct: np.ndarray) -> float:
    """The temperature with the least log loss."""
    found = minimize_scalar(lambda log_t: log_loss(scaled(confidence, np.exp(log_t)), correct), bounds=_RANGE, method="bounded")
    return float(np.exp(found.x))
