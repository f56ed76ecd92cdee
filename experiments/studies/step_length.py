"""Whether longer workings in the examples make for better answers."""

from collections.abc import Sequence

import numpy as np
from pydantic import Field, field_validator

from ..domain.errors import InvalidInput
from ..domain.types import ConditionSpec, Decoding, Plugin
from ..statistics.estimates import Estimate
from ..statistics.intervals import bootstrap_mean
from ..statistics.length_effect import conditional_logit, within_problem_slope
from .base import ConditionPools, Figure, Finding, Series, Study, studies
from .compared import Compared, Measure, accuracy, compared, label_of, steps, tokens
from .trade_off import differences
from .wording import FEWEST_PAIRS, describe_difference, is_clear, problems, too_few

_SHORTEST, _LONGEST = -2, 6
_TASKS = ("sums", "last_letters")


@studies.register("step_length", label="Length of reasoning steps")
class StepLength(Study):
    """The same questions behind worked examples whose workings get longer from level to level; only their length differs.

    The Impact of Reasoning Step Length on Large Language Models, 2024. Two controls at one level have wrong values in the
    working, or off-topic words of equal number. The slope has a level of its own for every problem. Whether the model's own
    answers get longer is told too: where they do not, the examples were not followed.
    """

    reads_outcomes = True

    task: str = Field(
        "sums", title="Task of the examples", description="sums or last_letters; the problems should be of the same kind"
    )
    levels: tuple[int, ...] = Field(
        (-2, -1, 0, 1, 2, 3, 4, 6), title="Levels", description="Sentences added to each working; −1 and −2 are compressed"
    )
    control_level: int = Field(
        4, ge=0, le=_LONGEST, title="Level of the controls", description="Where wrong and off-topic workings are compared"
    )
    controls: bool = Field(True, title="Controls", description="Also show workings with wrong values, and with off-topic words")
    shots: int = Field(4, ge=1, le=5, title="Examples", description="How many are shown, the same number at every level")
    n: int = Field(1, ge=1, le=1000, title="Samples", description="Independent samples per problem and condition")

    @field_validator("task")
    @classmethod
    def _is_shipped(cls, task: str) -> str:
        if task not in _TASKS:
            raise ValueError(f"there are worked examples of {' and of '.join(_TASKS)} only")
        return task

    @field_validator("levels")
    @classmethod
    def _are_a_scale(cls, levels: tuple[int, ...]) -> tuple[int, ...]:
        if wrong := [level for level in levels if not _SHORTEST <= level <= _LONGEST]:
            raise ValueError(f"levels are from {_SHORTEST} to {_LONGEST}, which {wrong[0]} is not")
        if len(set(levels)) < 2 or 0 not in levels:
            raise ValueError("take level 0 and at least one other, or there is nothing to compare")
        return tuple(sorted(set(levels)))

    def arms(self) -> dict[str, tuple[str, int, str]]:
        """Key -> label, level, kind of working; the levels in their order first."""
        found = {_key(level): (f"level {level}".replace("-", "−"), level, "right") for level in self.levels}
        if self.controls:
            at = self.control_level
            found["wrong"] = (f"level {at}, wrong values", at, "wrong")
            found["filler"] = (f"level {at}, off-topic words", at, "filler")
        return found

    def lay_out(self, language_models: Sequence[str], variants: Sequence[str], decoding: Decoding) -> list[ConditionSpec]:
        """Every language model with every variant behind every kind of examples."""
        if not language_models or not variants:
            raise InvalidInput("A study of step lengths needs at least one language model and one prompt variant.")
        if decoding.temperature == 0 and self.n > 1:
            raise InvalidInput(f"At temperature 0 all {self.n} samples would be one text. Raise it, or set samples to 1.")
        return [
            ConditionSpec(
                key=f"model{i}-variant{j}-{key}",
                label=label_of(language_models, variants, language_model, variant, label),
                language_model=language_model,
                variant=variant,
                decoding=decoding,
                strategy=Plugin("pool", {"n": self.n}),
                treatment=Plugin("worked_examples", {"task": self.task, "level": level, "working": kind, "shots": self.shots}),
            )
            for i, language_model in enumerate(language_models, start=1)
            for j, variant in enumerate(variants, start=1)
            for key, (label, level, kind) in self.arms().items()
        ]

    def check_problems(self, n: int) -> None:
        if n < FEWEST_PAIRS:
            raise InvalidInput(too_few(n))

    def findings(self, conditions: Sequence[ConditionPools], rng: np.random.Generator) -> list[Finding]:
        """The slope over levels, each level against level 0, and whether the examples changed the answers' length."""
        labels = {key: label for key, (label, *_) in self.arms().items()}
        keys = [_key(level) for level in self.levels]
        groups = [group for group in compared(conditions, labels) if group.shared(*keys)]
        if not groups:
            return [Finding("headline", self.label, "No problem is finished at every level yet.")]
        return [
            *self._slopes(groups, keys, rng),
            Finding(
                "levels",
                "Levels and controls",
                "Every level and both controls against level 0, problem by problem.",
                details={"table": differences(groups, _key(0), rng)},
            ),
            self._manipulation(groups, keys, rng),
        ]

    def _slopes(self, groups: Sequence[Compared], keys: Sequence[str], rng: np.random.Generator) -> list[Finding]:
        """In words, and drawn."""
        sentences, numbers, series = [], {}, []
        for group in groups:
            shared = group.shared(*keys)
            right = self._by_level(group, keys, shared, accuracy)
            slope = self._slope(right)
            odds = conditional_logit(self._x(right), right) if self.n == 1 else Estimate(None, None, None, 0, "")
            found = {"accuracy per level": slope, "log-odds per level": odds}
            numbers |= {f"{group.prefix}{name}": each for name, each in found.items() if each.value is not None}
            sentences.append(
                f"{group.prefix}On {problems(len(shared))} each sentence more in the examples' workings changes accuracy by "
                f"{describe_difference(slope)}."
            )
            for control in ("wrong", "filler"):
                key = _key(self.control_level)
                if control in group.begun() and key in keys and (both := group.shared(key, control)):
                    change = group.by_problem(control, both, accuracy) - group.by_problem(key, both, accuracy)
                    difference = bootstrap_mean(change, rng)
                    numbers[f"{group.prefix}{group.labels[control]} − right"] = difference
                    sentences.append(
                        f"With {group.labels[control].partition(', ')[2]} instead: {describe_difference(difference)}."
                    )
            series.append(self._line(group.prefix.removesuffix(": ") or "accuracy", np.array(right), rng))
        figure = Figure("Accuracy by length of the workings", "level of the examples", "share of answers right", series)
        drawn = "Level 0 is the plain working, each level above it has one sentence more; below it the working is compressed."
        return [
            Finding("headline", self.label, " ".join(sentences), numbers),
            Finding("accuracy", "Accuracy by length of the workings", drawn, figure=figure),
        ]

    def _manipulation(self, groups: Sequence[Compared], keys: Sequence[str], rng: np.random.Generator) -> Finding:
        sentences, numbers, series = [], {}, []
        for group in groups:
            shared = group.shared(*keys)
            written = self._by_level(group, keys, shared, steps)
            slope = self._slope(written)
            numbers[f"{group.prefix}steps in the answer per level"] = slope
            numbers[f"{group.prefix}tokens in the answer per level"] = self._slope(self._by_level(group, keys, shared, tokens))
            verdict = (
                "they were followed"
                if is_clear(slope) and slope.value > 0
                else "what accuracy does is no effect of the length of the model's own reasoning"
            )
            sentences.append(
                f"{group.prefix}The number of steps in the answers changes for each level of the examples by "
                f"{describe_difference(slope)}; {verdict}."
            )
            series.append(self._line(f"{group.prefix}steps in the answer", np.array(written), rng))
        figure = Figure("Did the examples change the answers?", "level of the examples", "steps", series, y_range=None)
        return Finding("manipulation", "Check of the examples", " ".join(sentences), numbers, figure)

    def _by_level(self, group: Compared, keys: Sequence[str], shared: Sequence[str], measure: Measure) -> list[np.ndarray]:
        """By problem, the measure at each level."""
        return list(np.column_stack([group.by_problem(key, shared, measure) for key in keys]))

    def _x(self, values: Sequence[np.ndarray]) -> list[np.ndarray]:
        return [np.array(self.levels, dtype=float)] * len(values)

    def _slope(self, values: list[np.ndarray]) -> Estimate:
        return within_problem_slope(self._x(values), values)

    def _line(self, name: str, values: np.ndarray, rng: np.random.Generator) -> Series:
        found = [bootstrap_mean(column, rng) for column in values.T]
        columns = ([getattr(each, end) for each in found] for end in ("value", "low", "high"))
        return Series(name, list(map(float, self.levels)), *columns, n=len(values), bars=True)


def _key(level: int) -> str:
    return f"level{level}" if level >= 0 else f"short{-level}"
