"""Whether reasoning before each answer makes a learner of rules with exceptions slower or faster."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from pydantic import Field

from ..domain.errors import InvalidInput
from ..domain.types import ConditionSpec, Decoding, Plugin
from ..statistics.intervals import bootstrap_bands, bootstrap_mean
from ..statistics.pools import Pool
from ..statistics.ratios import ratio
from .base import AttemptOutcome, ConditionPools, Figure, Finding, Series, Study, studies
from .compared import Compared, compared, label_of
from .cot_or_direct import ARMS
from .wording import FEWEST_PAIRS, describe, too_few


@studies.register("learning_labels", label="Learning labels with exceptions")
class LearningLabels(Study):
    """Learners who answer at once against learners who reason first: how many passes until one has no error?

    Mind Your Step (by Step): Chain-of-Thought can Reduce Performance on Tasks where Thinking Makes Humans Worse, 2024. For
    datasets of the source “Labels with exceptions”; a problem is a learner. Who has not learned after the last pass counts with
    all passes, so that the ratio of two slow conditions is nearer to 1 than it would be with more. Whole dialogues are in the
    context: it must be long enough for all passes.
    """

    reads_outcomes = True

    passes: int = Field(15, ge=1, le=50, title="Passes", description="At most; every object is shown once in each")
    most_words: int = Field(10, ge=1, le=100, title="Direct means at most", description="Words of a direct answer")
    grammar: tuple[str, ...] = Field(
        (), title="Grammar of direct answers", description='GBNF rules, one a line, such as root ::= "A" | "B"; empty for none'
    )

    def lay_out(self, language_models: Sequence[str], variants: Sequence[str], decoding: Decoding) -> list[ConditionSpec]:
        """Every language model with every variant both ways."""
        if not language_models or not variants:
            raise InvalidInput("A study of learning labels needs at least one language model and one prompt variant.")
        enforced = decoding.model_copy(update={"grammar": self.grammar}) if self.grammar else decoding
        ways = {
            "direct": (enforced, Plugin("direct_answer", {"most": self.most_words})),
            "steps": (decoding, Plugin("step_by_step")),
        }
        return [
            ConditionSpec(
                key=f"model{i}-variant{j}-{key}",
                label=label_of(language_models, variants, language_model, variant, ARMS[key]),
                language_model=language_model,
                variant=variant,
                decoding=drawn,
                strategy=Plugin("learn_labels", {"passes": self.passes}),
                treatment=treatment,
            )
            for i, language_model in enumerate(language_models, start=1)
            for j, variant in enumerate(variants, start=1)
            for key, (drawn, treatment) in ways.items()
        ]

    def check_problems(self, n: int) -> None:
        if n < FEWEST_PAIRS:
            raise InvalidInput(too_few(n))

    def findings(self, conditions: Sequence[ConditionPools], rng: np.random.Generator) -> list[Finding]:
        """The ratio of passes, the accuracy by pass, and whether direct answers were direct."""
        groups = [group for group in compared(list(map(_learners, conditions)), ARMS) if group.shared(*ARMS)]
        if not groups:
            return [Finding("headline", self.label, "No learner is finished both ways yet.")]
        return [self._headline(groups, rng), self._curve(groups, rng), _checks(groups, rng)]

    def _passes(self, pool: Pool, outcome: AttemptOutcome) -> float:
        return outcome.trace["learned_after"] or self.passes

    def _headline(self, groups: Sequence[Compared], rng: np.random.Generator) -> Finding:
        sentences, numbers = [], {}
        for group in groups:
            shared = group.shared(*ARMS)
            direct, steps = (group.by_problem(key, shared, self._passes) for key in ARMS)
            means = {ARMS[key]: bootstrap_mean(each, rng) for key, each in zip(ARMS, (direct, steps), strict=True)}
            times = ratio(steps, direct, rng)
            numbers |= {f"{group.prefix}{name}": each for name, each in means.items()} | {f"{group.prefix}ratio": times}
            clear = times.low is not None and not times.low <= 1 <= times.high
            learned = [group.by_problem(key, shared, _has_learned).mean() for key in ARMS]
            sentences.append(
                f"{group.prefix}Over {len(shared)} learners it takes {describe(means[ARMS['direct']], 1)} passes with direct "
                f"answers and {describe(means[ARMS['steps']], 1)} step by step, {describe(times)} times as many"
                f"{'' if clear else ': no clear difference'}. Within {self.passes} passes {learned[0]:.0%} learned with direct "
                f"answers and {learned[1]:.0%} step by step; the others count as {self.passes}."
            )
        return Finding("headline", "Passes until all is learned", " ".join(sentences), numbers)

    def _curve(self, groups: Sequence[Compared], rng: np.random.Generator) -> Finding:
        series = []
        for group in groups:
            shared = group.shared(*ARMS)
            for key in ARMS:
                by_pass = [
                    group.by_problem(key, shared, lambda _, outcome, k=k: _accuracy(outcome, k)) for k in range(self.passes)
                ]
                bands = bootstrap_bands(np.column_stack(by_pass), rng)
                low, high = (None if each is None else each.tolist() for each in (bands.low, bands.high))
                x = list(map(float, range(1, self.passes + 1)))
                series.append(Series(f"{group.prefix}{ARMS[key]}", x, bands.mean.tolist(), low, high, n=bands.n))
        said = "The share of labels that are right in each pass. Who has learned them all is not asked again and counts as 1."
        return Finding("curve", "Accuracy by pass", said, figure=Figure("Accuracy by pass", "pass", "accuracy", series))


def _learners(condition: ConditionPools) -> ConditionPools:
    """Those that came to their end: not the ones whose model failed on the way, nor problems with nothing to learn."""
    pairs = zip(condition.pools, condition.outcomes, strict=True)
    kept = [(pool, outcome) for pool, outcome in pairs if outcome.trace.get("accuracy") and not outcome.trace["failed"]]
    pools, outcomes = zip(*kept, strict=True) if kept else ((), ())
    return replace(condition, pools=pools, outcomes=outcomes)


def _has_learned(pool: Pool, outcome: AttemptOutcome) -> float:
    return float(outcome.trace["learned_after"] is not None)


def _accuracy(outcome: AttemptOutcome, number: int) -> float:
    """In the pass of that number, from 0; 1 after the perfect one."""
    by_pass = outcome.trace["accuracy"]
    return by_pass[number] if number < len(by_pass) else 1.0


def _checks(groups: Sequence[Compared], rng: np.random.Generator) -> Finding:
    """How many words an answer has either way: direct answers must be direct."""
    sentences, numbers = [], {}
    for group in groups:
        shared = group.shared(*ARMS)
        words = {
            key: bootstrap_mean(group.by_problem(key, shared, lambda _, outcome: outcome.trace["words"]), rng) for key in ARMS
        }
        numbers |= {f"{group.prefix}{ARMS[key]}: words": each for key, each in words.items()}
        sentences.append(
            f"{group.prefix}An answer has {describe(words['direct'], 1)} words where it should be direct and "
            f"{describe(words['steps'], 1)} step by step."
        )
    said = " Where the two are alike, the model did not do as it was asked, and the comparison says little."
    return Finding("checks", "Checks", " ".join(sentences) + said, numbers)
