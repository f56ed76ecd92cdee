"""What is compared: a condition of a run, with one value for each problem it has finished."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from ..domain.errors import InvalidInput
from ..models import Condition, Grade, User
from ..statistics.curves import selector_curves
from ..statistics.pools import Pool
from .arm_data import ArmData, arm_data

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

    def __init__(self, condition: Condition, data: ArmData):
        self.condition = condition
        self.run = condition.run
        self.name = f"{condition.run_id}.{condition.key}"
        self.spec = next(each for each in self.run.config["conditions"] if each["key"] == condition.key)
        self.data = data

    @property
    def label(self) -> str:
        letter = f"{self.letter}, " if self.letter else ""
        return f"{letter}run {self.run.pk}: {self.condition.label}"

    @property
    def pools(self) -> list[Pool]:
        return self.data.pools

    @property
    def verifiers(self) -> list[str]:
        """Those that scored something of every pool."""
        return self.data.verifiers

    @property
    def n_samples(self) -> int:
        """The k that every problem's pool reaches."""
        return min((pool.n for pool in self.pools), default=0)

    def values(self, metric: str, k: int, verifier: str | None) -> dict[str, float]:
        """Accuracy in [0, 1] by problem, repeats averaged."""
        if metric in ("mean", "chosen"):
            return self._averaged(metric)
        if not self.pools:
            return {}
        curves = selector_curves(self.pools, (k,), verifier if metric == "best" else None, _SUBSETS_SEED, [metric])
        return dict(zip(curves.problems, curves.at(metric, k).tolist(), strict=True))

    def attempts_by_problem(self) -> dict[str, int]:
        """The first finished attempt at each problem."""
        found: dict[str, int] = {}
        for done in self.data.attempts:
            found.setdefault(done.problem, done.pk)
        return found

    def outcomes(self) -> Outcomes:
        """Of its finished attempts."""
        verdicts = Counter(answer.verdict for answers in self.data.answers for answer in answers)
        del verdicts[None]
        n, attempts = verdicts.total(), max(1, len(self.data.attempts))
        counts = {
            "truncated": verdicts[Grade.Verdict.TRUNCATED],
            "unparsed": verdicts[Grade.Verdict.UNPARSED],
            "failed": verdicts[Grade.Verdict.FAILED] + verdicts[Grade.Verdict.TIMED_OUT],
        }
        shares = {name: count / n if n else 0.0 for name, count in counts.items()}
        return Outcomes(n, **shares, **{name: self.data.totals[name] / attempts for name in ("tokens", "seconds", "cost")})

    def mean_tokens(self) -> float:
        """Of one answer."""
        tokens = np.concatenate([pool.tokens for pool in self.pools]) if self.pools else np.zeros(0)
        return float(tokens.mean()) if len(tokens) else 0.0

    def _averaged(self, metric: str) -> dict[str, float]:
        by_problem = defaultdict(list)
        for done, pool in zip(self.data.attempts, self.pools, strict=True):
            if metric == "chosen":
                by_problem[done.problem].append(float(done.is_right))
            elif pool.n:
                by_problem[done.problem].append(float(pool.correct.mean()))
        return {problem: sum(values) / len(values) for problem, values in by_problem.items()}


def arms_called(names: Iterable[str], user: User | None = None) -> list[Arm]:
    """Raises InvalidInput naming the first that is not there for this user; None is the program itself."""
    wanted = [(name, *name.partition(".")[::2]) for name in dict.fromkeys(names)]
    runs = [int(run) for _, run, _ in wanted if run.isdecimal() and len(run) < 10]
    rows = Condition.objects.visible_to(user).filter(run__in=runs, key__in=[key for *_, key in wanted])
    known = {(str(row.run_id), row.key): row for row in rows.select_related("run__experiment")}
    for name, run, key in wanted:
        if (run, key) not in known:
            raise InvalidInput(
                f"There is no condition “{name}”. It takes the number of a run and the key of a condition, as 12.model1-variant1."
            )
    conditions = [known[run, key] for _, run, key in wanted]
    return [Arm(condition, data) for condition, data in zip(conditions, arm_data(conditions), strict=True)]
