"""How far judges agree beyond chance; intervals by resampling the units that were judged.

No value where every judgement is the same: nothing then tells agreement from habit. Report raw agreement beside kappa, which
collapses where one category is nearly all there is.
"""

from collections.abc import Callable
from typing import Literal

import numpy as np

from .estimates import Estimate
from .intervals import RESAMPLES, middle

BY_UNIT = "bootstrap over units"
Level = Literal["nominal", "ordinal", "interval"]


def raw_agreement(counts: np.ndarray, rng: np.random.Generator) -> Estimate:
    """The mean share of pairs of judges who agree, from (units, categories) numbers of judges, at least 2 for each unit."""
    return _resampled(counts, lambda rows: float(_agreeing(rows).mean()), rng)


def fleiss_kappa(counts: np.ndarray, rng: np.random.Generator) -> Estimate:
    """Measuring Nominal Scale Agreement among Many Raters (Fleiss, 1971), from (units, categories) numbers of judges.

    Raises ValueError where units have different numbers of judges, or fewer than 2: `krippendorff_alpha` takes those.
    """
    judges = counts.sum(axis=1)
    if len(counts) and (judges.min() < 2 or np.ptp(judges) > 0):
        raise ValueError(f"Fleiss kappa needs the same number of judges, at least 2, for each unit; here {sorted(set(judges))}.")
    return _resampled(counts, _fleiss, rng)


def cohen_kappa(first: np.ndarray, second: np.ndarray, rng: np.random.Generator) -> Estimate:
    """A Coefficient of Agreement for Nominal Scales (Cohen, 1960), from two judges' (units,) categories."""
    return _resampled(np.column_stack([first, second]), _cohen, rng)


def krippendorff_alpha(ratings: np.ndarray, level: Level, rng: np.random.Generator) -> Estimate:
    """Content Analysis (Krippendorff, 2004), from (units, judges) numbers, NaN where a judge gave none.

    Units with fewer than 2 ratings say nothing; n counts the others. The "ordinal" distance of two values is that of their
    mid-ranks among all ratings, squared, so it is the "interval" formula on ranks.
    """
    values = np.unique(ratings[~np.isnan(ratings)])
    counts = (ratings[:, :, None] == values).sum(axis=1)
    return _resampled(counts[counts.sum(axis=1) >= 2], lambda rows: _alpha(rows, values, level), rng)


def counted(ratings: np.ndarray, n_categories: int) -> np.ndarray:
    """(units, categories) numbers of judges, from (units, judges) categories 0, 1, 2, ..."""
    return (ratings[:, :, None] == np.arange(n_categories)).sum(axis=1)


def _agreeing(counts: np.ndarray) -> np.ndarray:
    """(units,) share of pairs of judges who agree."""
    judges = counts.sum(axis=1)
    return (counts * (counts - 1)).sum(axis=1) / (judges * (judges - 1))


def _fleiss(counts: np.ndarray) -> float | None:
    by_chance = float(((counts.sum(axis=0) / counts.sum()) ** 2).sum())
    return None if by_chance == 1 else (float(_agreeing(counts).mean()) - by_chance) / (1 - by_chance)


def _cohen(pairs: np.ndarray) -> float | None:
    categories = np.unique(pairs)
    shares = (pairs[:, :, None] == categories).mean(axis=0)
    by_chance = float((shares[0] * shares[1]).sum())
    return None if by_chance == 1 else (float((pairs[:, 0] == pairs[:, 1]).mean()) - by_chance) / (1 - by_chance)


def _alpha(counts: np.ndarray, values: np.ndarray, level: Level) -> float | None:
    """1 - observed / expected disagreement; both as sums over ordered pairs of ratings."""
    judges, totals = counts.sum(axis=1), counts.sum(axis=0)
    if level == "nominal":
        observed = ((judges**2 - (counts**2).sum(axis=1)) / (judges - 1)).sum()
        expected = totals.sum() ** 2 - (totals**2).sum()
    else:
        places = values if level == "interval" else np.cumsum(totals) - totals / 2
        places = places - places @ totals / totals.sum()  # pairs keep their distances, and large numbers cancel no digits
        observed = (2 * (judges * (counts @ places**2) - (counts @ places) ** 2) / (judges - 1)).sum()
        expected = 2 * totals.sum() * float(totals @ places**2)
    return None if np.isclose(expected, 0) else float(1 - observed * (totals.sum() - 1) / expected)


def _resampled(units: np.ndarray, measure: Callable[[np.ndarray], float | None], rng: np.random.Generator) -> Estimate:
    """The measure of the rows with its interval; resamples in which it has no value are left out."""
    n = len(units)
    value = measure(units) if n else None
    if value is None or n < 2:
        return Estimate(value, None, None, n, BY_UNIT)
    drawn = (measure(units[rng.integers(n, size=n)]) for _ in range(RESAMPLES))
    low, high = np.percentile([each for each in drawn if each is not None], middle(n))
    return Estimate(value, float(low), float(high), n, BY_UNIT)
