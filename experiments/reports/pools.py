"""From stored rows to the arrays that statistics start from."""

from collections import defaultdict
from collections.abc import Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

import numpy as np
from django.db.models import Count, FilteredRelation, Q

from ..domain.lost_answers import names_before
from ..domain.types import whole_text
from ..models import Attempt, Grade, Run, Sample, VerifierScore
from ..statistics.pools import Pool
from ..statistics.text_measures import n_sentences, n_steps, n_words, wording
from ..studies.base import ConditionPools

#: Attempts loaded by one pair of queries: bounds the rows in memory and the length of the query.
_ATTEMPTS_AT_ONCE = 400


class PoolStore:
    """A run's complete pools, by condition. Attempts end once and for all, so each is loaded once: `update` adds the new ones."""

    def __init__(self, run: Run):
        self._run = run
        self._grader = run.config["grader"]["key"]
        self._verifiers = run.verifier_keys
        self._conditions = list(run.conditions.order_by("position").values_list("pk", "key", "label"))
        self._planned = self._count_planned()
        self._is_adaptive = run.is_adaptive
        self._pools: dict[int, tuple[int, int, Pool]] = {}  # by attempt: condition, position, pool

    def update(self) -> int:
        """Load the attempts that were completed since the last call. Returns how many."""
        done = self._run.attempts.filter(state=Attempt.State.DONE).order_by("position")
        columns = ("pk", "condition_id", "position", *(f"problem__{name}" for name in _ASKED))
        fresh = [row for row in done.values_list(*columns) if row[0] not in self._pools]
        for start in range(0, len(fresh), _ATTEMPTS_AT_ONCE):
            page = fresh[start : start + _ATTEMPTS_AT_ONCE]
            samples = self._samples([attempt for attempt, *_ in page])
            for attempt, condition, position, *asked in page:
                self._pools[attempt] = (condition, position, self._pool(_Asked(*asked), samples.get(attempt, [])))
        if fresh and self._is_adaptive:
            self._planned = self._count_planned()
        return len(fresh)

    def _count_planned(self) -> dict[int, int]:
        """Attempts by condition."""
        return dict(self._run.attempts.order_by().values_list("condition_id").annotate(Count("pk")))

    def condition_pools(self) -> list[ConditionPools]:
        """Every condition in the run's order, its pools in the order of work whenever they were loaded."""
        pools = defaultdict(list)
        for condition, _, pool in sorted(self._pools.values(), key=itemgetter(1)):
            pools[condition].append(pool)
        ended = self._ended() if self._is_adaptive else {}
        return [
            ConditionPools(key, label, pools[pk], self._planned.get(pk, 0), ended=frozenset(ended.get(pk, ())))
            for pk, key, label in self._conditions
        ]

    def _ended(self) -> dict[int, set[str]]:
        """Condition -> the problems all of whose attempts have ended."""
        ended, open_ones = defaultdict(set), defaultdict(set)
        for condition, problem, state in self._run.attempts.order_by().values_list("condition_id", "problem__key", "state"):
            is_over = state in (Attempt.State.DONE, Attempt.State.FAILED)
            (ended if is_over else open_ones)[condition].add(problem)
        return {condition: found - open_ones[condition] for condition, found in ended.items()}

    def _samples(self, attempts: Sequence[int]) -> dict[int, list["_Row"]]:
        """Attempt -> its samples in the order they were asked for."""
        scores, accepted = defaultdict(dict), defaultdict(dict)
        wanted = VerifierScore.objects.filter(sample__attempt__in=attempts, verifier__in=self._verifiers, score__isnull=False)
        for sample, verifier, score in wanted.values_list("sample_id", "verifier", "score").iterator():
            scores[sample][verifier] = score
        others = Grade.objects.filter(sample__attempt__in=attempts).exclude(grader=self._grader).order_by()
        for sample, grader, verdict in others.values_list("sample_id", "grader", "verdict").iterator():
            accepted[sample][grader] = verdict == Grade.Verdict.CORRECT
        rows = (
            Sample.objects.filter(attempt__in=attempts)
            .annotate(grade=FilteredRelation("grades", condition=Q(grades__grader=self._grader)))
            .filter(Q(purpose=Sample.Purpose.ANSWER) | Q(grade__isnull=False))
            .order_by("attempt", "index")
            .values_list("attempt_id", "pk", *_COLUMNS)
        )
        return {
            attempt: [_Row(*columns, scores[pk], accepted[pk]) for _, pk, *columns in group]
            for attempt, group in groupby(rows.iterator(), itemgetter(0))
        }

    def _pool(self, asked: "_Asked", samples: list["_Row"]) -> Pool:
        """Answers become numbers in the order of their first appearance; what could not be judged has none and is not correct."""
        texts = [whole_text(sample.prefix, sample.text, sample.inserted) for sample in samples]
        means = np.array([np.nan if sample.mean_logprob is None else sample.mean_logprob for sample in samples], dtype=float)
        tokens = np.array([sample.tokens for sample in samples], dtype=np.int32)
        return Pool(
            problem=asked.key,
            answers=numbered([sample.canonical for sample in samples]),
            correct=np.array([sample.verdict == Grade.Verdict.CORRECT for sample in samples], dtype=bool),
            tokens=tokens,
            scores={
                verifier: np.array([sample.scores.get(verifier, np.nan) for sample in samples], dtype=float)
                for verifier in self._verifiers
            },
            words=np.array([n_words(text) for text in texts], dtype=np.int32),
            steps=np.array([n_steps(text) for text in texts], dtype=np.int32),
            sentences=np.array([n_sentences(text) for text in texts], dtype=np.int32),
            truncated=np.array([sample.verdict == Grade.Verdict.TRUNCATED for sample in samples], dtype=bool),
            mean_logprobs=means,
            logprob_sums=means * tokens,
            texts=numbered(texts),
            wordings=np.array([wording(text) for text in texts], dtype=np.int64),
            read=[sample.canonical for sample in samples],
            cluster=None if asked.cluster is None else str(asked.cluster),
            left_behind=np.array(list(map(asked.was_left_behind, samples, texts)), dtype=bool),
            grading=[sample.grading or {} for sample in samples],
            accepted={
                grader: np.array([sample.accepted[grader] for sample in samples], dtype=bool)
                for grader in sorted(set.intersection(*(set(sample.accepted) for sample in samples)) if samples else ())
            },
        )


_COLUMNS = (
    "completion_tokens",
    "prefix",
    "text",
    "inserted",
    "mean_logprob",
    "grade__verdict",
    "grade__canonical",
    "grade__extracted",
    "grade__details",
)


_ASKED = ("key", "question", "answers", "choices", "metadata__cluster")


class _Asked(NamedTuple):
    """What an attempt was about: `_ASKED` of its problem."""

    key: str
    question: str
    answers: list[str]
    choices: list[str]
    cluster: Any

    def was_left_behind(self, sample: "_Row", text: str) -> bool:
        """Of choices every text names several."""
        wrong = sample.verdict == Grade.Verdict.WRONG and not self.choices
        return wrong and names_before(text, sample.extracted or "", self.answers, self.question)


class _Row(NamedTuple):
    """A sample as stored: `_COLUMNS`, its scores by verifier, and by further grader whether it was found correct."""

    tokens: int
    prefix: str
    text: str
    inserted: str
    mean_logprob: float | None
    verdict: str | None
    canonical: str | None
    extracted: str | None
    grading: dict[str, Any] | None
    scores: dict[str, float]
    accepted: dict[str, bool]


def numbered(values: Sequence[str | None]) -> np.ndarray:
    """Numbers in the order of first appearance, -1 for None."""
    numbers: dict[str, int] = {}
    return np.array([-1 if value is None else numbers.setdefault(value, len(numbers)) for value in values], dtype=np.int32)


def condition_pools(run: Run) -> list[ConditionPools]:
    """All complete pools of a run as of now."""
    store = PoolStore(run)
    store.update()
    return store.condition_pools()
