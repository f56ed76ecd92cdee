"""Whether reasoning before the answer helps or hurts, task by task and model by model."""

from collections.abc import Sequence

import numpy as np
from pydantic import Field

from ..domain.errors import InvalidInput
from ..domain.types import ConditionSpec, Decoding, Plugin
from ..statistics.clustered import bootstrap_clusters, cluster_sums
from ..statistics.estimates import Estimate
from ..statistics.intervals import bootstrap_mean
from ..statistics.paired import mcnemar_mid_p, sign_flip
from ..statistics.quantile_groups import quantile_groups
from .base import ConditionPools, Figure, Finding, Series, Study, studies
from .compared import Compared, accuracy, compared, label_of, tokens
from .cot_or_direct_checks import checks_finding
from .wording import FEWEST_PAIRS, describe_difference, problems, too_few

ARMS = {"direct": "direct answer", "steps": "step by step"}


@studies.register("cot_or_direct", label="Step by step or direct")
class CotOrDirect(Study):
    """The same problems answered at once and after reasoning, compared problem by problem.

    Mind Your Step (by Step): Chain-of-Thought can Reduce Performance on Tasks where Thinking Makes Humans Worse, 2024. Where the
    problems' data has a column `cluster`, such as the grammar they were made from, intervals and tests are over clusters.
    Direct answers must be direct: how many words they have is part of the result, and a grammar can make sure of it.
    """

    reads_outcomes = True

    most_words: int = Field(10, ge=1, le=100, title="Direct means at most", description="Words of a direct answer")
    grammar: tuple[str, ...] = Field(
        (), title="Grammar of direct answers", description='GBNF rules, one a line, such as root ::= "Yes" | "No"; empty for none'
    )
    n: int = Field(1, ge=1, le=1000, title="Samples", description="Independent samples per problem and condition")

    def lay_out(self, language_models: Sequence[str], variants: Sequence[str], decoding: Decoding) -> list[ConditionSpec]:
        """Every language model with every variant both ways."""
        if not language_models or not variants:
            raise InvalidInput("Comparing step by step with direct needs at least one language model and one prompt variant.")
        if decoding.temperature == 0 and self.n > 1:
            raise InvalidInput(f"At temperature 0 all {self.n} samples would be one text. Raise it, or set samples to 1.")
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
                strategy=Plugin("pool", {"n": self.n}),
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
        """The differences in one figure, the checks of what they rest on, and the difference by length of reasoning."""
        groups = [group for group in compared(conditions, ARMS) if group.shared(*ARMS)]
        if not groups:
            return [Finding("headline", self.label, "No problem is finished both ways yet.")]
        return [*_differences(groups, rng), checks_finding(groups, self.most_words, rng), _by_length(groups, rng)]


def _differences(groups: Sequence[Compared], rng: np.random.Generator) -> list[Finding]:
    """In words, and as a forest plot."""
    sentences, numbers, names, found = [], {}, [], []
    for group in groups:
        shared = group.shared(*ARMS)
        direct, steps = (group.by_problem(key, shared, accuracy) for key in ARMS)
        clusters = _clusters(group, shared)
        delta, p = _compare(direct, steps, clusters, rng)
        told = describe_difference(delta)
        over = "" if clusters is None else f", in {delta.n} clusters"
        sentences.append(
            f"{group.prefix}Reasoning step by step changes accuracy from {direct.mean():.2f} to {steps.mean():.2f} on "
            f"{problems(len(shared))}{over}: {told} (p = {p:.3f})."
        )
        name = group.prefix.removesuffix(": ") or "step by step − direct"
        numbers |= {
            f"{group.prefix}direct": bootstrap_mean(direct, rng),
            f"{group.prefix}step by step": bootstrap_mean(steps, rng),
            f"{group.prefix}difference": delta,
        }
        names.append(name)
        found.append(delta)
    drawn = "Right of the line reasoning helps, left of it it hurts; 95% intervals."
    return [
        Finding("headline", "Step by step or direct", " ".join(sentences), numbers),
        Finding("forest", "What reasoning changes", drawn, figure=_forest(names, found)),
    ]


def _clusters(group: Compared, shared: Sequence[str]) -> list[str] | None:
    """Those of the problems; None where some have none, so that problems stand for themselves."""
    known = {pool.problem: pool.cluster for pool in group.conditions["direct"].pools}
    found = [known[problem] for problem in shared]
    return None if None in found else found


def _compare(
    direct: np.ndarray, steps: np.ndarray, clusters: list[str] | None, rng: np.random.Generator
) -> tuple[Estimate, float]:
    """The paired difference and its p: McNemar's mid-p where each problem is right or wrong, else signs flipped at random."""
    change = steps - direct
    if clusters is not None:
        return bootstrap_clusters(change, clusters, rng), sign_flip(cluster_sums(change[:, None], clusters)[:, 0], rng)
    if np.isin(change, (-1, 0, 1)).all():
        return bootstrap_mean(change, rng), mcnemar_mid_p(int((change < 0).sum()), int((change > 0).sum()))
    return bootstrap_mean(change, rng), sign_flip(change, rng)


def _forest(names: Sequence[str], found: Sequence[Estimate]) -> Figure:
    places = list(map(float, range(len(names))))
    low, high = ([getattr(each, end) for each in found] for end in ("low", "high"))
    values = [each.value for each in found]
    points = Series("step by step − direct", values, places, lines=False, bars=True, x_low=low, x_high=high)
    return Figure(
        "What reasoning changes",
        "difference in accuracy",
        "",
        [points],
        y_range=(-0.5, len(names) - 0.5),
        y_labels=list(names),
        x_marks={"no difference": 0.0},
    )


def _by_length(groups: Sequence[Compared], rng: np.random.Generator) -> Finding:
    """The difference by quarters of the reasoning's length."""
    series, numbers = [], {}
    for group in groups:
        shared = group.shared(*ARMS)
        if len(shared) < 4:
            continue
        direct, steps = (group.by_problem(key, shared, accuracy) for key in ARMS)
        quarters = quantile_groups(group.by_problem("steps", shared, tokens), 4)
        found = [bootstrap_mean((steps - direct)[quarters == quarter], rng) for quarter in range(4)]
        columns = ([getattr(each, end) for each in found] for end in ("value", "low", "high"))
        name = group.prefix.removesuffix(": ") or "step by step − direct"
        series.append(Series(name, [1.0, 2.0, 3.0, 4.0], *columns, n=len(shared), bars=True))
        numbers |= {f"{group.prefix}quarter {quarter + 1}": each for quarter, each in enumerate(found)}
    said = (
        "The difference by quarters of the reasoning's length. Hard problems draw longer reasoning, so this describes which "
        "problems gain and does not say that length does it."
    )
    axes = ("quarter by tokens of the reasoning (1 = shortest)", "difference in accuracy")
    figure = Figure("Difference by length of reasoning", *axes, series, y_range=None) if series else None
    return Finding("by_length", "By length of reasoning", said, numbers, figure)
