"""What reminders to be brief save while a model is writing, and what of that chunks, prompts and any words at all would do."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from pydantic import Field, field_validator

from ..domain.errors import InvalidInput, UnknownName
from ..domain.types import ConditionSpec, Decoding, Plugin
from ..statistics.intervals import bootstrap_mean
from ..statistics.quantile_groups import quantile_groups
from .base import ConditionPools, Figure, Finding, Series, Study, studies
from .compared import Compared, compared, label_of, tokens, truncated
from .trade_off import differences, effect, trade_off
from .wording import FEWEST_PAIRS, describe, percent, too_few


class _Arm(NamedTuple):
    """Options of the strategy, None for plain answers, and whether the prompt asks for a length that fits."""

    label: str
    options: dict | None
    asks: bool = False


ARMS = {
    "plain": _Arm("plain", None),
    "chunks": _Arm("chunks without hints", {"hint": "none"}),
    "hints": _Arm("hints", {}),
    "prompt": _Arm("asked in the prompt", None, True),
    "both": _Arm("asked in the prompt, and hints", {}, True),
    "fixed": _Arm("hints at a fixed interval", {"growth": 0.0}),
    "once": _Arm("one hint", {"most_hints": 1}),
    "end": _Arm("hints at the end of chunks", {"place": "end"}),
    "neutral": _Arm("neutral hints", {"hint": "neutral"}),
    "slow": _Arm("hints, beta 0.1", {"growth": 0.1}),
    "fast": _Arm("hints, beta 0.4", {"growth": 0.4}),
}


@studies.register("concise_hint", label="Hints while writing")
class ConciseHintStudy(Study):
    """Plain answers against answers that are hinted at while they are written, and against the controls of that.

    ConciseHint: Boosting Efficient Reasoning via Continuous Concise Hints during Generation, 2025. Needs a language model that
    goes on from a given beginning. Repeats of a problem are no further problems: intervals are over problems.
    """

    reads_outcomes = True

    ablations: tuple[str, ...] = Field(
        ("chunks", "prompt", "both", "neutral"),
        title="Compared with",
        description=f"Beside plain answers and hints; any of {', '.join(key for key in ARMS if key not in ('plain', 'hints'))}",
    )
    interval_tokens: int = Field(128, ge=1, le=4096, title="Interval (alpha)", description="Tokens before the first hint")
    growth: float = Field(0.2, ge=0, le=2, title="Growth (beta)", description="How much later hints come for each token so far")

    @field_validator("ablations")
    @classmethod
    def _are_known(cls, ablations: tuple[str, ...]) -> tuple[str, ...]:
        if unknown := next((each for each in ablations if each not in ARMS), None):
            raise ValueError(str(UnknownName("ablation", unknown, [key for key in ARMS if key not in ("plain", "hints")])))
        return tuple(dict.fromkeys(ablations))

    def arms(self) -> dict[str, str]:
        """Keys and labels, the control first."""
        return {key: ARMS[key].label for key in ARMS if key in ("plain", "hints", *self.ablations)}

    def lay_out(self, language_models: Sequence[str], variants: Sequence[str], decoding: Decoding) -> list[ConditionSpec]:
        """Every language model with every variant in every way."""
        if not language_models or not variants:
            raise InvalidInput("A study of hints needs at least one language model and one prompt variant.")
        if self.interval_tokens >= decoding.max_tokens:
            raise InvalidInput(
                f"Hints come after {self.interval_tokens:,} tokens and answers end after {decoding.max_tokens:,}, so there would "
                "be none. Lower the interval, or raise the max tokens."
            )
        return [
            ConditionSpec(
                key=f"model{i}-variant{j}-{key}",
                label=label_of(language_models, variants, language_model, variant, label),
                language_model=language_model,
                variant=variant,
                decoding=decoding,
                strategy=self._strategy(ARMS[key]),
                treatment=Plugin("fit_length") if ARMS[key].asks else None,
            )
            for i, language_model in enumerate(language_models, start=1)
            for j, variant in enumerate(variants, start=1)
            for key, label in self.arms().items()
        ]

    def _strategy(self, arm: _Arm) -> Plugin:
        if arm.options is None:
            return Plugin("pool", {"n": 1})
        return Plugin("concise_hint", {"interval_tokens": self.interval_tokens, "growth": self.growth, **arm.options})

    def check_problems(self, n: int) -> None:
        if n < FEWEST_PAIRS:
            raise InvalidInput(too_few(n))

    def findings(self, conditions: Sequence[ConditionPools], rng: np.random.Generator) -> list[Finding]:
        """Hints against plain answers, all in one figure, what was hinted, and what was cut off."""
        groups = [group for group in compared(conditions, self.arms()) if group.shared("plain", "hints")]
        if not groups:
            return [Finding("headline", self.label, "No problem is finished both with and without hints yet.")]
        sentences, numbers = [], {}
        for group in groups:
            sentence, found = effect(group, "plain", "hints", "Hinting while the model writes", rng)
            sentences.append(group.prefix + sentence)
            numbers |= {f"{group.prefix}{name}": estimate for name, estimate in found.items()}
        figure, drawn = trade_off(groups, "plain", rng)
        told = "Every setting with its 95% intervals over problems, joined to plain answers; the dashed line is the frontier."
        table = {"table": differences(groups, "plain", rng)}
        return [
            Finding("headline", self.label, " ".join(sentences), numbers),
            Finding("settings", "Accuracy against length", told, drawn, figure, table),
            _hints_finding(groups, rng),
            _difficulty_finding(groups, rng),
        ]


def _hints_finding(groups: Sequence[Compared], rng: np.random.Generator) -> Finding:
    """How many hints answers of different lengths were given, what all of them had to read again, and what was cut off."""
    sentences, numbers, series = [], {}, []
    for group in groups:
        for key in group.begun():
            condition, name = group.conditions[key], f"{group.prefix}{group.labels[key]}"
            shared = group.shared(key)
            cut = bootstrap_mean(group.by_problem(key, shared, truncated), rng)
            numbers[f"{name}: cut off"] = cut
            if any(outcome.trace.get("hints") for outcome in condition.outcomes):
                pairs = sorted((outcome.trace["tokens"], outcome.trace["hints"]) for outcome in condition.outcomes)
                series.append(
                    Series(name, [float(x) for x, _ in pairs], [float(y) for _, y in pairs], n=len(shared), lines=False)
                )
                hints = bootstrap_mean(group.by_problem(key, shared, lambda _, outcome: outcome.trace["hints"]), rng)
                computed = bootstrap_mean(group.by_problem(key, shared, lambda _, outcome: outcome.cost.tokens), rng)
                numbers |= {f"{name}: hints": hints, f"{name}: tokens read and written": computed}
                sentences.append(
                    f"{name}: {describe(hints, 1)} hints per answer; {describe(computed, 0)} tokens read and written, what the "
                    f"model had to read again for the hints included; {percent(cut)} of the answers cut off."
                )
    said = " ".join(sentences) or "No answer was long enough for a hint."
    axes = ("tokens written", "hints")
    figure = Figure("Hints against length, a point for each answer", *axes, series, y_range=None) if series else None
    return Finding("hints", "Hints given", said, numbers, figure)


def _difficulty_finding(groups: Sequence[Compared], rng: np.random.Generator) -> Finding:
    """Tokens by difficulty, which is told by the length of plain answers: hard problems should keep more of theirs."""
    series, numbers = [], {}
    for group in groups:
        for key in group.begun():
            if key == "plain" or len(shared := group.shared("plain", key)) < 4:
                continue
            before, after = (group.by_problem(each, shared, tokens) for each in ("plain", key))
            quarters = quantile_groups(before, 4)
            found = [bootstrap_mean((after - before)[quarters == quarter], rng) for quarter in range(4)]
            columns = ([getattr(each, end) for each in found] for end in ("value", "low", "high"))
            name = f"{group.prefix}{group.labels[key]}"
            series.append(Series(name, [1.0, 2.0, 3.0, 4.0], *columns, n=len(shared), bars=True))
            numbers |= {f"{name}: quarter {quarter + 1}": each for quarter, each in enumerate(found)}
    said = (
        "Tokens written more (above zero) or less than in plain answers to the same problems, by quarters of the plain answers' "
        "length. Long plain answers are long partly by chance, so some of the fall is regression to the mean: compare with the "
        "settings that give no hints."
    )
    axes = ("quarter by length of the plain answer (1 = shortest)", "tokens, difference from plain")
    figure = Figure("Change of length by difficulty", *axes, series, y_range=None) if series else None
    return Finding("difficulty", "Where tokens are saved", said, numbers, figure)
