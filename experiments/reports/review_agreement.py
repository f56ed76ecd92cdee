"""How far the reviewers agree with each other and with the grader."""

from dataclasses import dataclass

import numpy as np

from ..domain.seeds import rng
from ..statistics.agreement import cohen_kappa, counted, fleiss_kappa, krippendorff_alpha, raw_agreement
from ..statistics.estimates import Estimate
from ..statistics.intervals import wilson
from .review_ratings import GRADER, Ratings

#: Beyond this share of one verdict, kappa says little: agreement by chance is nearly all there can be.
ONE_SIDED = 0.9


@dataclass(frozen=True)
class Judge:
    """A reviewer or the grader. `shares` are how often each verdict was given, with `n` verdicts and `n_unsure` besides."""

    name: str
    n: int
    n_unsure: int
    shares: list[tuple[str, Estimate]]


@dataclass(frozen=True)
class Agreeing:
    """Two judges on the items that both judged."""

    first: str
    second: str
    raw: Estimate
    kappa: Estimate


@dataclass(frozen=True)
class Agreement:
    """`together` are measures over all reviewers, by name, with a sentence each; n counts items."""

    judges: list[Judge]
    with_grader: list[Agreeing]
    among_reviewers: list[Agreeing]
    together: list[tuple[str, Estimate, str]]
    criteria: list[tuple[str, Estimate]]

    @property
    def caution(self) -> str:
        """Whose verdicts are nearly all the same; empty where nobody's are."""
        one_sided = [
            f"{judge.name} ({share.value:.0%} “{category}”)"
            for judge in self.judges
            for category, share in judge.shares
            if share.value is not None and share.value > ONE_SIDED
        ]
        if not one_sided:
            return ""
        return (
            f"Nearly all verdicts are the same by {', '.join(one_sided)}: kappa and alpha say little there, so read the raw "
            "agreement beside them."
        )


def agreement(ratings: Ratings) -> Agreement:
    """“Unsure” is no judgement: it is counted and left out. Intervals by resampling items, always the same for a set."""
    random = rng(ratings.review_set.seed, "agreement")
    people, grader = ratings.by_reviewers, ratings.by_grader
    names = ratings.reviewers
    both = [(i, j) for i in range(len(names)) for j in range(i + 1, len(names))]
    judges = [_judge(ratings, name, people[:, i], ratings.n_unsure(name)) for i, name in enumerate(names)]
    if names and not np.isnan(grader).all():
        judges.append(_judge(ratings, GRADER, grader, 0))
    return Agreement(
        judges,
        [_agreeing(ratings, name, GRADER, people[:, i], grader, random) for i, name in enumerate(names)],
        [_agreeing(ratings, names[i], names[j], people[:, i], people[:, j], random) for i, j in both],
        _together(ratings, random) if both else [],
        [
            (each["title"], krippendorff_alpha(ratings.scores(each["key"]), "ordinal", random))
            for each in ratings.review_set.rubric
            if both
        ],
    )


def _judge(ratings: Ratings, name: str, places: np.ndarray, n_unsure: int) -> Judge:
    n = int((~np.isnan(places)).sum())
    shares = [(category, wilson(int((places == place).sum()), n)) for place, category in enumerate(ratings.categories)]
    return Judge(name, n, n_unsure, shares)


def _agreeing(
    ratings: Ratings, first: str, second: str, mine: np.ndarray, other: np.ndarray, random: np.random.Generator
) -> Agreeing:
    shared = ~np.isnan(mine) & ~np.isnan(other)
    pair = np.column_stack([mine, other])[shared]
    return Agreeing(
        first,
        second,
        wilson(int((pair[:, 0] == pair[:, 1]).sum()), len(pair)),
        cohen_kappa(pair[:, 0], pair[:, 1], random),
    )


def _together(ratings: Ratings, random: np.random.Generator) -> list[tuple[str, Estimate, str]]:
    people, n_categories = ratings.by_reviewers, len(ratings.categories)
    counts = counted(people, n_categories)
    several, by_all = counts[counts.sum(axis=1) >= 2], counts[counts.sum(axis=1) == len(ratings.reviewers)]
    measures = [
        ("Raw agreement", raw_agreement(several, random), "the share of pairs of reviewers who say the same of an item"),
        ("Krippendorff alpha", krippendorff_alpha(people, "nominal", random), "also where not everybody judged every item"),
    ]
    if len(ratings.reviewers) > 2:
        measures.append(("Fleiss kappa", fleiss_kappa(by_all, random), "on the items that all reviewers judged"))
    return measures
