"""What is compared: a condition of a run, with one value for each problem it has finished."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256

import numpy as np
from django.db.models import Avg, Count, F, FloatField, Q, Sum
from django.db.models.functions import Cast

from ..domain.errors import InvalidInput
from ..models import Attempt, Condition, Grade, Problem, Sample
from ..statistics.curves import selector_curves
from ..statistics.pools import Pool
from .pools import condition_pools

#: What can be compared, by name. All but "chosen" are read from the pool of samples at the same k.
METRICS = {
    "mean": "a single sample",
    "majority": "the majority of k samples",
    "best": "the best of k samples by a verifier",
    "oracle": "any of k samples (oracle)",
    "chosen": "the strategy's own choice",
}
_SUBSETS_SEED = 20250101


@dataclass(frozen=True)
class Outcomes:
    """Shares of an arm's answers, of `n` that were handed in, and what an attempt took on average."""

    n: int
    truncated: float
    unparsed: float
    failed: float
    tokens: float
    seconds: float
    cost: float


class Arm:
    """One condition of one run. `name` stands in addresses: "12.model1-variant1"; `letter` in tables, once it is compared."""

    letter = ""

    def __init__(self, condition: Condition):
        self.condition = condition
        self.run = condition.run
        self.name = f"{condition.run_id}.{condition.key}"
        self.spec = next(each for each in self.run.config["conditions"] if each["key"] == condition.key)
        self.pools: list[Pool] = next(each.pools for each in condition_pools(self.run) if each.key == condition.key)
        self._identities = _identities(self.run)

    @property
    def label(self) -> str:
        letter = f"{self.letter}, " if self.letter else ""
        return f"{letter}run {self.run.pk}: {self.condition.label}"

    @property
    def n_samples(self) -> int:
        """The k that every problem's pool reaches."""
        return min((pool.n for pool in self.pools), default=0)

    @property
    def verifiers(self) -> list[str]:
        """Those that scored something of every pool."""
        return [
            key
            for key in self.run.verifier_keys
            if self.pools and all(np.isfinite(pool.scores[key]).any() for pool in self.pools)
        ]

    def values(self, metric: str, k: int, verifier: str | None) -> dict[str, float]:
        """Accuracy in [0, 1] by problem, repeats averaged. Problems are known by their question and answers."""
        if metric == "chosen":
            return self._chosen()
        if not self.pools:
            return {}
        curves = selector_curves(self.pools, (k,), verifier if metric == "best" else None, _SUBSETS_SEED)
        found = zip(curves.problems, curves.at(metric, k).tolist(), strict=True)
        return {self._identities[problem]: value for problem, value in found}

    def attempts_by_problem(self) -> dict[str, int]:
        """The first finished attempt at each problem."""
        done = self._done().order_by("-repeat").values_list("problem__key", "pk")
        return {self._identities[problem]: attempt for problem, attempt in done}

    def outcomes(self) -> Outcomes:
        """Of its finished attempts."""
        done = self._done()
        grader = self.run.config["grader"]["key"]
        counts = Grade.objects.filter(sample__attempt__in=done, grader=grader).aggregate(
            n=Count("pk"),
            truncated=Count("pk", filter=Q(verdict=Grade.Verdict.TRUNCATED)),
            unparsed=Count("pk", filter=Q(verdict=Grade.Verdict.UNPARSED)),
            failed=Count("pk", filter=Q(verdict__in=[Grade.Verdict.FAILED, Grade.Verdict.TIMED_OUT])),
        )
        taken = (
            self.run.own_samples()
            .filter(attempt__in=done)
            .aggregate(tokens=Sum("completion_tokens"), seconds=Sum("seconds"), cost=Sum("cost"))
        )
        n, attempts = counts.pop("n"), max(1, done.count())
        shares = {name: count / n if n else 0.0 for name, count in counts.items()}
        return Outcomes(n, **shares, **{name: (total or 0) / attempts for name, total in taken.items()})

    def mean_tokens(self) -> float:
        """Of one answer."""
        answers = Sample.objects.filter(attempt__in=self._done(), purpose=Sample.Purpose.ANSWER)
        return answers.aggregate(mean=Avg(Cast(F("completion_tokens"), FloatField())))["mean"] or 0.0

    def _done(self):
        return Attempt.objects.filter(condition=self.condition, state=Attempt.State.DONE)

    def _chosen(self) -> dict[str, float]:
        right = Q(chosen__grades__verdict=Grade.Verdict.CORRECT, chosen__grades__grader=self.run.config["grader"]["key"])
        by_problem = defaultdict(list)
        for problem, is_right in self._done().annotate(n_right=Count("pk", filter=right)).values_list("problem__key", "n_right"):
            by_problem[self._identities[problem]].append(float(is_right > 0))
        return {problem: sum(values) / len(values) for problem, values in by_problem.items()}


def arms_called(names: Iterable[str]) -> list[Arm]:
    """Raises InvalidInput naming the first that does not exist."""
    found = []
    for name in dict.fromkeys(names):
        run, _, key = name.partition(".")
        condition = None
        if run.isdecimal() and len(run) < 10:
            condition = Condition.objects.filter(run=int(run), key=key).select_related("run__experiment").first()
        if condition is None:
            raise InvalidInput(
                f"There is no condition “{name}”. It takes the number of a run and the key of a condition, as 12.model1-variant1."
            )
        found.append(Arm(condition))
    return found


def _identities(run) -> dict[str, str]:
    """Problem key -> what makes it the same problem in another version of its dataset."""
    problems = Problem.objects.filter(attempt__run=run).distinct().values_list("key", "question", "answers")
    return {key: sha256(repr((question, answers)).encode()).hexdigest() for key, question, answers in problems}
