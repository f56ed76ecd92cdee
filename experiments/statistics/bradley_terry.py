"""How strong each of several is, from who was preferred to whom.

Bradley and Terry, Rank Analysis of Incomplete Block Designs, 1952: i is preferred to j with p_i / (p_i + p_j).
"""

import numpy as np

#: Wins that each of two that met is lent against the other, so that one who never lost stays finite.
LENT = 0.5
_ROUNDS = 1000
_CLOSE = 1e-10


def log_strengths(wins: np.ndarray) -> np.ndarray:
    """(n,) natural logs of the strengths with mean 0, from (n, n) wins of row over column; NaN for those that met nobody.

    The likeliest ones after `LENT`, by the usual fixed-point steps p_i = W_i / sum_j n_ij / (p_i + p_j).
    """
    met = (wins + wins.T) > 0
    lent = wins + LENT * met
    games = lent + lent.T
    played = met.any(axis=1)
    strength = np.ones(len(wins))
    for _ in range(_ROUNDS):
        expected = (games / (strength[:, None] + strength[None, :])).sum(axis=1)
        updated = np.where(played, lent.sum(axis=1) / np.where(played, expected, 1.0), 1.0)
        updated /= np.exp(np.log(updated[played]).mean()) if played.any() else 1.0
        updated[~played] = 1.0
        done = np.abs(np.log(updated) - np.log(strength)).max(initial=0.0) < _CLOSE
        strength = updated
        if done:
            break
    return np.where(played, np.log(strength), np.nan)
