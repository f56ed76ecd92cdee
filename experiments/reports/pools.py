"""From stored rows to the arrays that statistics start from."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import groupby
from operator import itemgetter

import numpy as np
from django.db.models import Count, FilteredRelation, Q

from ..models import Attempt, Grade, Run, Sample, VerifierScore
from ..statistics.pools import Pool
from ..studies.base import ConditionPools

#: Attempts loaded by one pair of queries: bounds the rows in memory and the length of the query.
_ATTEMPTS_AT_ONCE = 400


class PoolStore:
    """A run's complete pools, by condition. Attempts end once and for all, so each is loaded once: `update` adds the new ones."""

    def __init__(self, run: Run):
        self._run = run
        self._grader = run.config["grader"]["key"]
        self._verifiers = [verifier["key"] for verifier in run.config["verifiers"]]
        self._conditions = list(run.conditions.order_by("position").values_list("pk", "key", "label"))
        self._planned = dict(run.attempts.order_by().values_list("condition_id").annotate(Count("pk")))
        self._pools: dict[int, tuple[int, int, Pool]] = {}  # by attempt: condition, position, pool

    def update(self) -> int:
        """Load the attempts that were completed since the last call. Returns how many."""
        done = self._run.attempts.filter(state=Attempt.State.DONE).order_by("position")
        fresh = [row for row in done.values_list("pk", "condition_id", "position", "problem__key") if row[0] not in self._pools]
        for start in range(0, len(fresh), _ATTEMPTS_AT_ONCE):
            page = fresh[start : start + _ATTEMPTS_AT_ONCE]
            samples = self._samples([attempt for attempt, *_ in page])
            for attempt, condition, position, problem in page:
                self._pools[attempt] = (condition, position, self._pool(problem, samples.get(attempt, [])))
        return len(fresh)

    def condition_pools(self) -> list[ConditionPools]:
        """Every condition in the run's order, its pools in the order of work whenever they were loaded."""
        pools = defaultdict(list)
        for condition, _, pool in sorted(self._pools.values(), key=itemgetter(1)):
            pools[condition].append(pool)
        return [ConditionPools(key, label, pools[pk], self._planned[pk]) for pk, key, label in self._conditions]

    def _samples(self, attempts: Sequence[int]) -> dict[int, list[tuple]]:
        """Attempt -> (tokens, verdict, canonical, scores by verifier) of its samples in the order they were asked for."""
        scores = defaultdict(dict)
        wanted = VerifierScore.objects.filter(sample__attempt__in=attempts, verifier__in=self._verifiers, score__isnull=False)
        for sample, verifier, score in wanted.values_list("sample_id", "verifier", "score").iterator():
            scores[sample][verifier] = score
        rows = (
            Sample.objects.filter(attempt__in=attempts)
            .annotate(grade=FilteredRelation("grades", condition=Q(grades__grader=self._grader)))
            .filter(Q(purpose=Sample.Purpose.ANSWER) | Q(grade__isnull=False))
            .order_by("attempt", "index")
            .values_list("attempt_id", "pk", "completion_tokens", "grade__verdict", "grade__canonical")
        )
        return {
            attempt: [(tokens, verdict, canonical, scores[pk]) for _, pk, tokens, verdict, canonical in group]
            for attempt, group in groupby(rows.iterator(), itemgetter(0))
        }

    def _pool(self, problem: str, samples: list[tuple]) -> Pool:
        """Answers become numbers in the order of their first appearance; what could not be judged has none and is not correct."""
        numbers: dict[str, int] = {}
        answers = [-1 if canonical is None else numbers.setdefault(canonical, len(numbers)) for _, _, canonical, _ in samples]
        return Pool(
            problem=problem,
            answers=np.array(answers, dtype=np.int32),
            correct=np.array([verdict == Grade.Verdict.CORRECT for _, verdict, _, _ in samples], dtype=bool),
            tokens=np.array([tokens for tokens, *_ in samples], dtype=np.int32),
            scores=dict(self._scores([scores for *_, scores in samples])),
        )

    def _scores(self, by_sample: list[dict[str, float]]) -> Iterator[tuple[str, np.ndarray]]:
        for verifier in self._verifiers:
            yield verifier, np.array([scores.get(verifier, np.nan) for scores in by_sample], dtype=float)


def condition_pools(run: Run) -> list[ConditionPools]:
    """All complete pools of a run as of now."""
    store = PoolStore(run)
    store.update()
    return store.condition_pools()
