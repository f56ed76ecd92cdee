"""What a study of compression says: U-shape, levels, lengths, the jury, and whether rule and content go together."""

from collections.abc import Callable, Sequence

import numpy as np

from ..domain.concept_rules import LEVELS, rule_for
from ..statistics.agreement import counted, fleiss_kappa, krippendorff_alpha, raw_agreement
from ..statistics.clustered import bootstrap_clusters
from ..statistics.correlation import correlation
from ..statistics.estimates import Estimate
from .base import ConditionPools, Figure, Finding, Series
from .cdct_cells import FEWEST_JUDGES, JUDGES, Cell, appointed, judges_of
from .wording import describe, describe_difference, percent

#: The jury's scores as categories: below, from the first to the second, above.
_BINS = (0.4, 0.7)


def u_shape_finding(cells: Sequence[Cell], rng: np.random.Generator) -> Finding:
    """In how many model-and-concept pairs the rule is kept worst at half length, and by how much."""
    by_pair: dict[tuple[str, str], dict[float, float]] = {}
    for cell in cells:
        by_pair.setdefault((cell.model, cell.concept), {})[cell.level] = cell.compliance
    whole = {pair: at for pair, at in by_pair.items() if {0.0, 0.5, 1.0} <= at.keys()}
    if not whole:
        return Finding("headline", "Compliance by length", "No concept is finished at the levels 0, 0.5 and 1 yet.")
    is_u = np.array([float(at[0.5] < at[0.0] and at[0.5] < at[1.0]) for at in whole.values()])
    depth = np.array([(at[0.0] + at[1.0]) / 2 - at[0.5] for at in whole.values()])
    concepts = [concept for _, concept in whole]
    prevalence, magnitude = (bootstrap_clusters(values, concepts, rng) for values in (is_u, depth))
    sentence = (
        f"In {percent(prevalence)} of {len(whole)} pairs of model and concept the rule is kept worse at half length than at "
        f"both ends; at half length compliance is lower by {describe_difference(magnitude)} than the mean of both ends. "
        f"Pairs of one concept count as one cluster, of which there are {prevalence.n}."
    )
    return Finding("headline", "Compliance by length", sentence, {"U-shape": prevalence, "magnitude": magnitude})


def levels_finding(cells: Sequence[Cell], rng: np.random.Generator) -> Finding:
    """Both axes by level, a line for each model."""
    models = list(dict.fromkeys(cell.model for cell in cells))
    series, numbers = [], {}
    axes: dict[str, Callable[[Cell], float | None]] = {
        "rule kept": lambda cell: cell.compliance,
        "true and grounded": lambda cell: cell.accuracy,
        "question answered": lambda cell: cell.completeness,
    }
    for model in models:
        for axis, measure in axes.items():
            found = [_mean_at([cell for cell in cells if cell.model == model], level, measure, rng) for level in LEVELS]
            if all(each.value is None for each in found):
                continue
            columns = ([getattr(each, end) for each in found] for end in ("value", "low", "high"))
            name = f"{model}: {axis}" if len(models) > 1 else axis
            n = max(each.n for each in found)
            series.append(Series(name, list(LEVELS), *columns, n=n, dashed=axis != "rule kept", bars=True))
            numbers |= {
                f"{name}, level {level:g}": each for level, each in zip(LEVELS, found, strict=True) if each.value is not None
            }
    said = "Means over concepts with their 95% intervals. Level 0 is the bare name of the concept, level 1 the whole text."
    figure = Figure("Rule and content by length of the text", "level", "share", series)
    return Finding("levels", "Rule and content by level", said, numbers, figure)


def lengths_finding(cells: Sequence[Cell], rng: np.random.Generator) -> Finding:
    """Words of the answers beside the limit that prompt and judges were told."""
    rows, told = [], []
    for level in LEVELS:
        limit = rule_for(level).most_words
        words = _mean_at(cells, level, lambda cell: cell.words, rng)
        length = _mean_at(cells, level, lambda cell: cell.length, rng)
        if words.value is not None:
            rows.append([f"{level:g}", f"{limit}" if limit else "none", describe(words, 0), describe(length), str(words.n)])
            told.append(f"{describe(words, 0)} at level {level:g}" + (f" (limit {limit})" if limit else ""))
    columns = ["level", "limit in words", "words, mean", "length kept", "concepts"]
    sentence = f"Answers have {', '.join(told)} words. Prompt and judges are told the same limit."
    return Finding("lengths", "Words against the limit", sentence, details={"table": {"columns": columns, "rows": rows}})


def jury_finding(conditions: Sequence[ConditionPools], rng: np.random.Generator) -> Finding:
    """How far the judges agree, axis by axis."""
    pools = [pool for condition in conditions for pool in condition.pools]
    sentences, numbers, lacking = [], {}, []
    for axis, name in JUDGES.items():
        judges, n_appointed = judges_of(pools, axis), len(appointed(pools, axis))
        if len(judges) < FEWEST_JUDGES:
            silent = n_appointed - len(judges)
            lacking.append(f"“{name}” {len(judges)}" + (f" (and {silent} whose replies could not be read)" if silent else ""))
            continue
        ratings = np.concatenate(
            [np.column_stack([pool.scores.get(key, np.full(pool.n, np.nan)) for key in judges]) for pool in pools]
        )
        judged = ratings[~np.isnan(ratings).any(axis=1)]
        bins = np.digitize(judged, _BINS)
        counts = counted(bins, len(_BINS) + 1)
        found = {
            "Fleiss kappa": fleiss_kappa(counts, rng),
            "Krippendorff alpha": krippendorff_alpha(ratings, "interval", rng),
            "raw agreement": raw_agreement(counts, rng) if len(counts) else Estimate(None, None, None, 0, ""),
        }
        numbers |= {f"{axis}: {each}": estimate for each, estimate in found.items() if estimate.value is not None}
        told = "; ".join(f"{each} {describe(estimate)}" for each, estimate in found.items())
        unknown = any(estimate.value is None for estimate in found.values())
        why = " (unknown where all scores are alike: agreement cannot be told from habit)" if unknown else ""
        sentences.append(f"{axis.capitalize()}, {len(judges)} judges on {len(judged)} answers: {told}{why}.")
    if lacking:
        sentences.append(
            f"Judges: {', '.join(lacking)}. A jury takes at least {FEWEST_JUDGES} for each axis, since two cannot outvote each "
            "other: add the verifier once for each judge, with another language model each time."
        )
    if numbers:
        sentences.append(
            f"Kappa puts scores below {_BINS[0]}, up to {_BINS[1]} and above into three categories; alpha takes them as they are."
        )
    return Finding("jury", "Agreement of the jury", " ".join(sentences), numbers)


def orthogonality_finding(cells: Sequence[Cell], rng: np.random.Generator) -> Finding:
    """Whether rule and content go together over cells, at half length and over all."""
    known = [cell for cell in cells if cell.accuracy is not None]
    title = "Do rule and content go together?"
    if not known:
        return Finding("orthogonality", title, "That takes judges of accuracy; there are none.")
    by_model = len({cell.model for cell in known}) >= 3
    sentences, numbers, series = [], {}, []
    for name, chosen in (("level 0.5", [cell for cell in known if cell.level == 0.5]), ("all levels", known)):
        x, y = np.array([cell.compliance for cell in chosen]), np.array([cell.accuracy for cell in chosen])
        clusters = [cell.model if by_model else cell.concept for cell in chosen]
        found = {kind: correlation(x, y, clusters, kind, rng) for kind in ("pearson", "spearman")}
        numbers |= {f"{name}: {kind}": each for kind, each in found.items() if each.value is not None}
        told = ", ".join(f"{kind.capitalize()} {describe(each)}" for kind, each in found.items())
        sentences.append(f"{name.capitalize()}, {len(chosen)} cells: {told}.")
    for level in LEVELS:
        chosen = [cell for cell in known if cell.level == level]
        if chosen:
            xs, ys = [cell.compliance for cell in chosen], [cell.accuracy for cell in chosen]
            series.append(Series(f"level {level:g}", xs, ys, n=len(chosen), lines=False))
    sentences.append(f"Intervals resample {'models' if by_model else 'concepts'}, since cells of one are not independent.")
    figure = Figure("Content against rule, a point for each model and concept", "rule kept", "true and grounded", series)
    return Finding("orthogonality", title, " ".join(sentences), numbers, figure)


def _mean_at(cells: Sequence[Cell], level: float, measure: Callable[[Cell], float | None], rng: np.random.Generator) -> Estimate:
    """Over concepts; cells of several models under one concept are one cluster."""
    chosen = [cell for cell in cells if cell.level == level and measure(cell) is not None]
    if not chosen:
        return Estimate(None, None, None, 0, "")
    return bootstrap_clusters(np.array([measure(cell) for cell in chosen]), [cell.concept for cell in chosen], rng)
