"""What is stored of finished conditions as arrays: loaded for all of them together, and kept in this process."""

from collections import OrderedDict, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Any, NamedTuple

import numpy as np
from django.db.models import Sum

from ..models import Attempt, Condition, Grade, Problem, Sample, Scoring, VerifierScore
from ..statistics.pools import Pool
from .pools import numbered

#: Samples whose arrays are kept, about half a kilobyte each; the conditions looked at last always are.
MOST_SAMPLES = 150_000


class Asked(NamedTuple):
    """A problem as it stood in the run."""

    key: str
    question: str
    answers: list[str]
    metadata: dict[str, Any]
    position: int
    pk: int


class Done(NamedTuple):
    """A finished attempt. `is_right` tells of the chosen answer, None where the choice is left to the selectors."""

    pk: int
    problem: str
    repeat: int
    has_chosen: bool
    is_right: bool


class Answer(NamedTuple):
    """A sample that was handed in, as its pool's arrays do not tell it."""

    verdict: str | None
    extracted: str | None
    seed: int
    is_reused: bool


@dataclass(frozen=True, eq=False)
class ArmData:
    """One condition's finished attempts, in the order of work: `pools[i]` and `answers[i]` belong to `attempts[i]`.

    Problems are known by what they ask and what counts as right, so that they are the same in another version of their
    dataset. `totals` are tokens, seconds and money of all texts, those of later scorings left out.
    """

    attempts: list[Done]
    pools: list[Pool]
    answers: list[list[Answer]]
    problems: dict[str, Asked]
    verifiers: list[str]
    totals: dict[str, float]

    @property
    def n_samples(self) -> int:
        return sum(pool.n for pool in self.pools)


_Key = tuple[Any, ...]
_kept: "OrderedDict[_Key, ArmData]" = OrderedDict()
_lock = Lock()


def arm_data(conditions: Sequence[Condition]) -> list[ArmData]:
    """Of each condition, in their order. Pass them as just read, with their runs: their counters tell whether anything is new."""
    keys = [_key(condition) for condition in conditions]
    with _lock:
        known = {key: _kept[key] for key in keys if key in _kept}
    missing = {key: condition for key, condition in zip(keys, conditions, strict=True) if key not in known}
    if missing:
        known |= zip(missing, _loaded(list(missing.values())), strict=True)
    with _lock:
        for key in keys:
            _kept.pop(key, None)
            _kept[key] = known[key]
        n = 0
        for key in reversed(list(_kept)):
            n += _kept[key].n_samples
            if n > MOST_SAMPLES and key not in known:
                del _kept[key]
    return [known[key] for key in keys]


def _key(condition: Condition) -> _Key:
    """After a restored backup another run may have the number, hence the time."""
    run = condition.run
    return (condition.pk, run.created_at, run.revision, run.n_samples, run.n_graded, run.n_attempts_done)


def _loaded(conditions: list[Condition]) -> list[ArmData]:
    attempts, problems = _attempts(conditions)
    verifiers = _verifiers(conditions)
    graders = {condition.pk: condition.run.config["grader"]["key"] for condition in conditions}
    grades = _grades(graders)
    rows = _answers(conditions, grades, _scores(verifiers))
    totals = _totals(conditions)
    found = []
    for condition in conditions:
        own = attempts[condition.pk]
        right = {pk: grades.get(chosen, ("",))[0] == Grade.Verdict.CORRECT for pk, _, _, chosen in own}
        done = [Done(pk, problem, repeat, chosen is not None, right[pk]) for pk, problem, repeat, chosen in own]
        samples = [rows.get(each.pk, []) for each in done]
        keys = verifiers[condition.pk]
        found.append(
            ArmData(
                attempts=done,
                pools=[_pool(each.problem, part, keys) for each, part in zip(done, samples, strict=True)],
                answers=[[row.answer for row in part] for part in samples],
                problems=problems[condition.pk],
                verifiers=[key for key in keys if samples and all(any(key in row.scores for row in part) for part in samples)],
                totals=totals[condition.pk],
            )
        )
    return found


def _attempts(conditions: list[Condition]) -> tuple[dict[int, list[tuple]], dict[int, dict[str, Asked]]]:
    done = Attempt.objects.filter(condition__in=conditions, state=Attempt.State.DONE).order_by("condition", "position")
    columns = ("condition_id", "pk", "repeat", "chosen_id", "problem_id")
    asked = ("problem__key", "problem__question", "problem__answers", "problem__metadata", "problem__position")
    attempts, problems, identities = defaultdict(list), defaultdict(dict), {}
    for condition, pk, repeat, chosen, problem, *told in done.values_list(*columns, *asked).iterator(chunk_size=5000):
        if problem not in identities:
            identities[problem] = Problem.identify(told[1], told[2]), Asked(*told, problem)
        identity, about = identities[problem]
        attempts[condition].append((pk, identity, repeat, chosen))
        problems[condition][identity] = about
    return attempts, problems


def _verifiers(conditions: list[Condition]) -> dict[int, list[str]]:
    """By condition, those its run was planned with, then those that scored it later."""
    later = defaultdict(list)
    runs = {condition.run_id for condition in conditions}
    for run, key in Scoring.objects.filter(run__in=runs).order_by("pk").values_list("run_id", "key"):
        later[run].append(key)
    planned = {condition.pk: [each["key"] for each in condition.run.config["verifiers"]] for condition in conditions}
    return {each.pk: list(dict.fromkeys([*planned[each.pk], *later[each.run_id]])) for each in conditions}


def _grades(graders: dict[int, str]) -> dict[int, tuple]:
    """Sample -> verdict, canonical and extracted answer by its own run's grader."""
    wanted = Grade.objects.filter(sample__attempt__condition__in=graders, grader__in=set(graders.values())).order_by()
    columns = ("sample__attempt__condition_id", "grader", "sample_id", "verdict", "canonical", "extracted")
    rows = wanted.values_list(*columns).iterator(chunk_size=5000)
    return {sample: told for condition, grader, sample, *told in rows if graders[condition] == grader}


def _scores(verifiers: dict[int, list[str]]) -> dict[int, dict[str, float]]:
    found: dict[int, dict[str, float]] = defaultdict(dict)
    names = {key for keys in verifiers.values() for key in keys}
    if names:
        scores = VerifierScore.objects.filter(
            sample__attempt__condition__in=verifiers, verifier__in=names, score__isnull=False
        ).order_by()
        for sample, verifier, score in scores.values_list("sample_id", "verifier", "score").iterator(chunk_size=5000):
            found[sample][verifier] = score
    return found


class _Row(NamedTuple):
    tokens: int
    text: str
    canonical: str | None
    scores: dict[str, float]
    answer: Answer


def _answers(conditions: list[Condition], grades: dict[int, tuple], scores: dict[int, dict[str, float]]) -> dict[int, list[_Row]]:
    """Attempt -> its answers in the order they were asked for: what was asked for as one, and what else was graded."""
    samples = Sample.objects.filter(attempt__condition__in=conditions).exclude(purpose=Sample.Purpose.JUDGE)
    columns = ("pk", "attempt_id", "purpose", "completion_tokens", "prefix", "text", "seed", "reused_from_id")
    rows = samples.order_by("attempt", "index").values_list(*columns).iterator(chunk_size=5000)
    found = defaultdict(list)
    for pk, attempt, purpose, tokens, prefix, text, seed, reused in rows:
        if purpose == Sample.Purpose.ANSWER or pk in grades:
            verdict, canonical, extracted = grades.get(pk, (None, None, None))
            answer = Answer(verdict, extracted, seed, reused is not None)
            found[attempt].append(_Row(tokens, prefix + text, canonical, scores.get(pk, {}), answer))
    return found


def _totals(conditions: list[Condition]) -> dict[int, dict[str, float]]:
    """Without what later scorings asked of judges."""
    planned = {each.pk: {"", *(verifier["key"] for verifier in each.run.config["verifiers"])} for each in conditions}
    done = Sample.objects.filter(attempt__state=Attempt.State.DONE, attempt__condition__in=conditions).order_by()
    sums = done.values("attempt__condition", "verifier").annotate(Sum("completion_tokens"), Sum("seconds"), Sum("cost"))
    found = {each.pk: {"tokens": 0.0, "seconds": 0.0, "cost": 0.0} for each in conditions}
    for row in sums:
        if row["verifier"] in planned[row["attempt__condition"]]:
            total = found[row["attempt__condition"]]
            total["tokens"] += row["completion_tokens__sum"]
            total["seconds"] += row["seconds__sum"]
            total["cost"] += row["cost__sum"]
    return found


def _pool(problem: str, rows: list[_Row], verifiers: Iterable[str]) -> Pool:
    verdicts = [row.answer.verdict for row in rows]
    return Pool(
        problem=problem,
        answers=numbered([row.canonical for row in rows]),
        correct=np.array([verdict == Grade.Verdict.CORRECT for verdict in verdicts], dtype=bool),
        tokens=np.array([row.tokens for row in rows], dtype=np.int32),
        scores={key: np.array([row.scores.get(key, np.nan) for row in rows], dtype=float) for key in verifiers},
        truncated=np.array([verdict == Grade.Verdict.TRUNCATED for verdict in verdicts], dtype=bool),
        texts=numbered([row.text for row in rows]),
    )
