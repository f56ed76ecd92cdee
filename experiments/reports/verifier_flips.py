"""What changes when another verifier chooses: the best answer by one against the best by the other, problem by problem."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Literal

import numpy as np

from ..domain.errors import InvalidInput
from ..domain.seeds import rng
from ..models import Attempt, Grade, Run, Sample, VerifierScore
from ..statistics.estimates import Estimate
from ..statistics.intervals import bootstrap_mean
from ..statistics.selectors.highest_score import highest_score
from ..studies.wording import describe, describe_difference, problems


@dataclass(frozen=True)
class Choice:
    """The sample a verifier ranks highest; of `n_tied` equal ones the earliest. `verdict` is the grader's."""

    index: int
    text: str
    extracted: str | None
    verdict: str
    score: float
    n_tied: int

    @property
    def is_right(self) -> bool:
        return self.verdict == Grade.Verdict.CORRECT


@dataclass(frozen=True)
class Flip:
    """An attempt of which the two verifiers choose different samples."""

    attempt: Attempt
    before: Choice
    after: Choice

    @property
    def choices(self) -> tuple[Choice, Choice]:
        return self.before, self.after

    @property
    def outcome(self) -> Literal["gained", "lost", "same"]:
        """Whether the choice turned from wrong to right, from right to wrong, or neither."""
        if self.before.is_right == self.after.is_right:
            return "same"
        return "gained" if self.after.is_right else "lost"


@dataclass(frozen=True)
class VerifierFlips:
    """`n_compared` attempts have a score by both. Accuracies share ties evenly; `difference` is after minus before."""

    before: str
    after: str
    n_compared: int
    accuracy_before: Estimate
    accuracy_after: Estimate
    difference: Estimate
    flips: list[Flip]

    @property
    def in_words(self) -> str:
        gained, lost = (sum(flip.outcome == outcome for flip in self.flips) for outcome in ("gained", "lost"))
        return (
            f"The best by {self.after} is right for {describe(self.accuracy_after)}, the best by {self.before} for "
            f"{describe(self.accuracy_before)}: difference {describe_difference(self.difference)}, paired over "
            f"{problems(self.difference.n)}. {len(self.flips):,} of {self.n_compared:,} choices changed: {gained:,} from wrong "
            f"to right, {lost:,} from right to wrong."
        )


def verifier_flips(run: Run, before: str, after: str) -> VerifierFlips:
    """Raises InvalidInput for a verifier that did not score the run, or where nothing was scored by both."""
    for key in (before, after):
        if key not in run.verifier_keys:
            raise InvalidInput(f"Run {run.pk} was not scored by “{key}”. It was by {', '.join(run.verifier_keys) or 'none'}.")
    scores = {key: _scores(run, key) for key in (before, after)}
    shared = sorted(attempt for attempt in scores[before] if attempt in scores[after])
    if not shared:
        raise InvalidInput(f"No attempt of run {run.pk} has a score by both “{before}” and “{after}”.")
    right = set(_right(run))
    attempts = Attempt.objects.filter(pk__in=shared).select_related("problem", "condition").in_bulk()
    accuracies = {key: _by_problem(scores[key], right, attempts) for key in scores}
    random = rng(run.seed, "flips", before, after)
    first, second = accuracies[before], accuracies[after]
    changed = [
        (attempt, *chosen)
        for attempt in shared
        if (chosen := (_best(scores[before][attempt]), _best(scores[after][attempt])))[0] != chosen[1]
    ]
    return VerifierFlips(
        before,
        after,
        len(shared),
        bootstrap_mean(first, random),
        bootstrap_mean(second, random),
        bootstrap_mean(second - first, random),
        _flips(run, changed, scores[before], scores[after], attempts),
    )


Scores = dict[int, list[tuple[int, float | None]]]  # attempt -> (sample, score), in the order asked


def _scores(run: Run, key: str) -> Scores:
    """Of the answers in attempts in which anything was scored."""
    answers = {"sample__run": run, "sample__grades__grader": run.config["grader"]["key"]}
    rows = VerifierScore.objects.filter(**answers, verifier=key).order_by("sample__attempt", "sample__index")
    found: Scores = defaultdict(list)
    for attempt, sample, score in rows.values_list("sample__attempt", "sample", "score"):
        found[attempt].append((sample, score))
    return {attempt: pool for attempt, pool in found.items() if any(score is not None for _, score in pool)}


def _right(run: Run):
    own = Grade.objects.filter(run=run, grader=run.config["grader"]["key"], verdict=Grade.Verdict.CORRECT)
    return own.values_list("sample", flat=True)


def _by_problem(scores: Scores, right: set[int], attempts: dict[int, Attempt]) -> np.ndarray:
    """(problems,) chance that the highest score is a right one's, repeats and conditions averaged."""
    by_problem = defaultdict(list)
    for pk, attempt in sorted(attempts.items()):
        pool = scores[pk]
        values = np.array([np.nan if score is None else score for _, score in pool])
        correct = np.array([sample in right for sample, _ in pool])
        by_problem[attempt.problem_id].append(float(highest_score(values, correct, (len(pool),))[0]))
    return np.array([np.mean(values) for _, values in sorted(by_problem.items())])


def _best(pool: list[tuple[int, float | None]]) -> int:
    """The earliest sample among those with the highest score."""
    highest = max(score for _, score in pool if score is not None)
    return next(sample for sample, score in pool if score == highest)


def _flips(run: Run, changed: list[tuple[int, int, int]], before: Scores, after: Scores, attempts: dict) -> list[Flip]:
    """Those that changed the outcome first."""
    wanted = [sample for _, *pair in changed for sample in pair]
    samples = Sample.objects.defer("logprobs").in_bulk(wanted)
    own = Grade.objects.filter(sample__in=wanted, grader=run.config["grader"]["key"])
    grades = {grade.sample_id: grade for grade in own}

    def choice(pool: list[tuple[int, float | None]], pk: int) -> Choice:
        sample, grade, score = samples[pk], grades.get(pk), dict(pool)[pk]
        n_tied = sum(other == score for _, other in pool)
        return Choice(
            sample.index, sample.whole_text, grade and grade.extracted, grade.verdict if grade else "ungraded", score, n_tied
        )

    flips = [Flip(attempts[attempt], choice(before[attempt], old), choice(after[attempt], new)) for attempt, old, new in changed]
    order = {"gained": 0, "lost": 1, "same": 2}
    return sorted(flips, key=lambda flip: (order[flip.outcome], flip.attempt.position))
