"""From stored rows to what every attempt chose and cost."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

import numpy as np

from ..domain.types import Decoding, Plugin
from ..models import Attempt, Condition, Grade, Run, Sample
from ..statistics.costs import Texts, Yardstick, cost_of, cost_of_one
from ..statistics.kinetics import Shape
from ..statistics.runtimes import Runtime, denoised, fit_runtime
from ..strategies.base import Strategy, strategies
from ..studies.base import AttemptOutcome, ConditionPools, Setting
from ..verifiers.base import verifiers

#: Attempts loaded by one round of queries: bounds the rows in memory and the length of the query.
_ATTEMPTS_AT_ONCE = 400
#: A runtime is fitted to at least so many texts of a language model.
_FEWEST_TIMINGS = 20


class OutcomeStore:
    """A run's outcomes by condition. Attempts end once and for all, so each is loaded once."""

    def __init__(self, run: Run):
        self._run = run
        self._grader = run.config["grader"]["key"]
        configs = [run.config, *run.scorings.values_list("config", flat=True)]
        self._models = {each["name"]: each for config in reversed(configs) for each in config["language_models"]}
        self._judges = {each["key"]: _judge(each) for config in configs for each in config["verifiers"]}
        conditions = run.conditions.order_by("position").select_related("language_model", "variant__prompt")
        self._settings = {condition.pk: _setting(condition, self._models) for condition in conditions}
        self._keys = {condition.key: condition.pk for condition in conditions}
        self._strategies = {condition.pk: _strategy(condition) for condition in conditions}
        self._planned = ["", *(each["key"] for each in run.config["verifiers"])]
        self._ended: dict[int, _Ended] = {}

    def beside(self, conditions: Sequence[ConditionPools]) -> list[ConditionPools]:
        """The conditions with the outcomes of the same attempts, as of what is stored now."""
        self._update()
        yardsticks = self._yardsticks()
        by_condition = defaultdict(list)
        for ended in sorted(self._ended.values(), key=lambda ended: ended.position):
            by_condition[ended.condition].append(self._outcome(ended, yardsticks))
        return [
            replace(
                condition, outcomes=by_condition[self._keys[condition.key]], setting=self._settings[self._keys[condition.key]]
            )
            for condition in conditions
        ]

    def _update(self) -> None:
        done = self._run.attempts.filter(state=Attempt.State.DONE).order_by("position")
        columns = ("pk", "condition_id", "position", "problem__key", "repeat", "chosen_id", "n_samples", "trace")
        known = set(self._ended)
        fresh = [row for row in done.values_list(*columns).iterator() if row[0] not in known]
        for start in range(0, len(fresh), _ATTEMPTS_AT_ONCE):
            page = fresh[start : start + _ATTEMPTS_AT_ONCE]
            right = self._right([chosen for *_, chosen, _, _ in page if chosen is not None])
            texts = _texts([pk for pk, *_ in page])
            for pk, condition, position, problem, repeat, chosen, n_answers, trace in page:
                is_right = None if chosen is None and self._strategies[condition].is_pool else chosen in right
                own = texts.get(pk) or _as_texts([])
                self._ended[pk] = _Ended(condition, position, problem, repeat, is_right, n_answers, trace, own)

    def _right(self, chosen: Sequence[int]) -> set[int]:
        """Those of the chosen samples that the run's grader found correct."""
        correct = Grade.objects.filter(sample__in=chosen, grader=self._grader, verdict=Grade.Verdict.CORRECT)
        return set(correct.values_list("sample_id", flat=True))

    def _outcome(self, ended: "_Ended", yardsticks: dict[str, Yardstick]) -> AttemptOutcome:
        yardstick = yardsticks[self._settings[ended.condition].language_model]
        asks_judges = bool(self._strategies[ended.condition].verifiers_used)
        unasked = ended.judges & (not asks_judges)
        planned = np.isin(ended.verifiers, self._planned)
        own = ended.texts.where(~unasked & planned)
        return AttemptOutcome(
            problem=ended.problem,
            repeat=ended.repeat,
            right=ended.right,
            n_answers=ended.n_answers,
            cost=cost_of(own, yardstick),
            single=cost_of_one(own, yardstick),
            judging=cost_of(ended.texts.where(unasked & planned), yardstick),
            judging_by={
                verifier: cost_of(
                    ended.texts.where(unasked & (ended.verifiers == verifier)),
                    yardsticks.get(self._judges.get(verifier), yardstick),
                )
                for verifier in np.unique(ended.verifiers[unasked]).tolist()
            },
            trace=ended.trace,
        )

    def _yardsticks(self) -> dict[str, Yardstick]:
        """By language model; the runtime is fitted to what the run itself measured."""
        of_model = defaultdict(list)
        for ended in self._ended.values():
            of_model[self._settings[ended.condition].language_model].append(ended.texts)
        return {
            name: Yardstick(frozen["n_parameters"], _shape(frozen["fingerprint"]), _runtime(of_model[name]))
            for name, frozen in self._models.items()
        }


class _Ended(NamedTuple):
    """An attempt that is done."""

    condition: int
    position: int
    problem: str
    repeat: int
    right: bool | None
    n_answers: int
    trace: dict[str, Any]
    all_texts: tuple[Texts, np.ndarray]

    @property
    def texts(self) -> Texts:
        return self.all_texts[0]

    @property
    def verifiers(self) -> np.ndarray:
        """(n,) str, the verifier that asked for the text, "" for none."""
        return self.all_texts[1]

    @property
    def judges(self) -> np.ndarray:
        """(n,) bool, whether a verifier asked for the text."""
        return self.verifiers != ""


_COLUMNS = (
    *("purpose", "verifier", "request_hash", "prompt_tokens", "cached_tokens", "completion_tokens"),
    *("seconds", "cost", "n_calls"),
)


def _texts(attempts: Sequence[int]) -> dict[int, tuple[Texts, np.ndarray]]:
    """Attempt -> its texts in the order they were asked for, and which verifier asked for each."""
    rows = Sample.objects.filter(attempt__in=attempts).order_by("attempt", "index", "pk").values_list("attempt_id", *_COLUMNS)
    return {
        attempt: _as_texts([columns for _, *columns in group])
        for attempt, group in groupby(rows.iterator(chunk_size=2000), itemgetter(0))
    }


def _as_texts(rows: list[list]) -> tuple[Texts, np.ndarray]:
    purposes, verifiers, hashes, *numbers = zip(*rows, strict=True) if rows else ([],) * len(_COLUMNS)
    prompt, cached, completion, seconds, money, calls = (np.array(each, dtype=float) for each in numbers)
    judges = np.array([purpose == Sample.Purpose.JUDGE for purpose in purposes], dtype=bool)
    feedback = np.array([purpose == Sample.Purpose.FEEDBACK for purpose in purposes], dtype=bool)
    groups = {each: number for number, each in enumerate(dict.fromkeys(hashes))}
    group = np.array([groups[each] for each in hashes], dtype=int)
    texts = Texts(prompt, cached, completion, seconds, money, calls, judges | feedback, group)
    return texts, np.array(verifiers, dtype=str)


def _judge(frozen: dict[str, Any]) -> str:
    """The language model that a verifier asks by name, "" for the one that wrote the texts."""
    return verifiers.build(frozen["name"], frozen["params"]).judge or ""


def _strategy(condition: Condition) -> Strategy:
    return strategies.build(condition.strategy, condition.strategy_params)


def _setting(condition: Condition, models: dict[str, dict]) -> Setting:
    method = _strategy(condition)
    return Setting(
        language_model=condition.language_model.name,
        variant=str(condition.variant),
        decoding=Decoding.model_validate(condition.decoding),
        strategy=Plugin(condition.strategy, condition.strategy_params),
        is_pool=method.is_pool,
        uses_oracle=method.uses_oracle,
        n_parameters=condition.language_model.n_parameters,
    )


def _shape(fingerprint: dict[str, Any]) -> Shape | None:
    """Of the attention, where the model's file tells it."""
    told = fingerprint.get("attention") or {}
    return Shape(**told) if told else None


def _runtime(texts: Sequence[tuple[Texts, np.ndarray] | Texts]) -> Runtime | None:
    """From the seconds of texts that were written and not reused."""
    if not texts:
        return None
    computed = np.concatenate([each.computed for each in texts])
    completion = np.concatenate([each.completion for each in texts])
    seconds = np.concatenate([each.seconds for each in texts])
    timed = (seconds > 0) & (completion > 0)
    if timed.sum() < _FEWEST_TIMINGS:
        return None
    return fit_runtime(*denoised(computed[timed], completion[timed], seconds[timed]))
