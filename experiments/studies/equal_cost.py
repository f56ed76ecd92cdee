"""Ways of spending compute on a problem, compared at equal cost."""

from collections.abc import Iterator, Sequence
from itertools import product
from typing import Any, ClassVar, Literal

import numpy as np
from pydantic import Field, model_validator

from ..domain.errors import InvalidInput
from ..domain.types import ConditionSpec, Decoding, Plugin
from .base import ConditionPools, Finding, Study, studies
from .equal_cost_arms import Terms, groups_of
from .equal_cost_figures import axis_figures, budget_finding, decoding_finding
from .equal_cost_findings import headline, nothing_yet, table_finding
from .equal_cost_models import models_finding
from .equal_cost_policies import difficulty_finding, frontier_finding, ratio_finding
from .pruning_findings import pruning_findings
from .refinement_findings import refinement_findings
from .stopping_findings import stopping_findings


@studies.register("test_time_compute", label="Strategies at equal cost")
class TestTimeCompute(Study):
    """Every strategy on the same problems, each ranked against best-of-N that has spent as much.

    Scaling LLM Test-Time Compute Optimally, 2024; Bag of Tricks, 2025. A pool of independent samples is always drawn beside
    the strategies: its curve, read where it has cost the same, is what they are compared with, paired by problem.
    """

    __test__: ClassVar[bool] = False  # the name begins like a test's
    reads_outcomes: ClassVar[bool] = True
    groups: ClassVar[dict[str, tuple[str, ...]]] = {
        "Cost": ("reference", "axis", "intensity", "pretraining_ratio"),
        "Sweeps": ("temperatures", "top_ps", "overrides"),
    }

    strategies: tuple[str, ...] = Field(
        (),
        title="Strategies",
        description="Each is a condition of its own, for every budget",
        json_schema_extra={"offers": "strategy"},
    )
    budgets: tuple[int, ...] = Field(
        (8,),
        title="Budgets (N)",
        description="Answers, beams or particles per problem: what strategies call n; several draw accuracy against budget",
    )
    token_budgets: tuple[int, ...] = Field(
        (),
        title="Token budgets",
        description="Completion tokens per problem after which no strategy begins anything; empty for no limit",
    )
    pool_n: int = Field(
        32,
        ge=2,
        le=10_000,
        title="Samples of the pool",
        description="What all are compared with; enough of them to cost as much as the dearest strategy",
    )
    verifier: str = Field(
        "mean_logprob",
        title="Verifier",
        description="Whose scores guide searches and choose the best of N; the run must use it",
    )
    separators: tuple[str, ...] = Field(("\n\n",), title="Step separators", description="Where searches cut an answer into steps")
    step_tokens: int = Field(256, ge=1, le=32768, title="Tokens per step", description="A step without a separator ends there")
    max_steps: int = Field(
        0,
        ge=0,
        le=1000,
        title="Steps at most",
        description="An answer of so many is handed in as it is; 0 leaves it to the strategies",
    )
    reference: Literal["best_of_n", "majority"] = Field(
        "best_of_n", title="Compared with", description="The pool's best by the verifier, or the majority of its answers"
    )
    axis: Literal["tokens", "completion_tokens", "samples", "calls", "seconds", "money", "flops", "eflops", "ideal_seconds"] = (
        Field("tokens", title="Equal in", description="The cost that is held equal when strategies are ranked")
    )
    intensity: float = Field(
        20.0,
        gt=0,
        le=10_000,
        title="FLOPs per byte",
        description="The machine's, for eFLOPs: its matrix FLOPs per second by its memory bytes per second",
    )
    pretraining_ratio: float = Field(
        0.0,
        ge=0,
        le=1e6,
        title="Inference by pretraining tokens (R)",
        description="Counts the larger of two models' pretraining when their FLOPs are matched; 0 leaves it out",
    )
    temperatures: tuple[float, ...] = Field(
        (), title="Temperatures", description="Every strategy at each of them; empty for that of the decoding"
    )
    top_ps: tuple[float, ...] = Field((), title="Values of top-p", description="As temperatures")
    overrides: dict[str, Any] = Field(
        {},
        title="Options of single strategies",
        description='By strategy, for example {"repair": {"depth": 2}}; a list of such options makes a condition of each',
    )

    @model_validator(mode="after")
    def _numbers_are_budgets(self):
        if wrong := [each for each in (*self.budgets, *self.token_budgets) if each < 1]:
            raise ValueError(f"a budget must be at least 1, which {wrong[0]} is not")
        if not self.budgets:
            raise ValueError("give at least one budget")
        for name, options in self.overrides.items():
            if not all(isinstance(each, dict) for each in (options if isinstance(options, list) else [options])):
                raise ValueError(f"the options of {name} must be an object or a list of objects")
        return self

    def lay_out(self, language_models: Sequence[str], variants: Sequence[str], decoding: Decoding) -> list[ConditionSpec]:
        """Every model with every variant and way of decoding: the pool first, then each strategy at each budget."""
        if not language_models or not variants:
            raise InvalidInput("Comparing strategies needs at least one language model and one prompt variant.")
        if unknown := sorted(set(self.overrides) - {"pool", *self.strategies}):
            raise InvalidInput(
                f"Options are given for “{unknown[0]}”, which is not among the strategies: choose it, or leave it."
            )
        ways = [
            decoding.model_copy(update={"temperature": temperature, "top_p": top_p})
            for temperature in self.temperatures or (decoding.temperature,)
            for top_p in self.top_ps or (decoding.top_p,)
        ]
        if any(way.temperature == 0 for way in ways):
            raise InvalidInput(
                "At temperature 0 all samples of the pool that strategies are compared with would be the same text. "
                "Set a temperature above 0."
            )
        settings = list(product(language_models, variants, ways))
        cells = []
        for number, (language_model, variant, way) in enumerate(settings, start=1):
            where = _where(language_model, variant, way, language_models, variants, ways)
            for place, (label, plugin, offered) in enumerate(self._arms()):
                full = f"{label} ({where})" if where else label
                key = f"setting{number}-{place}-{plugin.name}"
                cells.append(ConditionSpec(key, full[:200], language_model, variant, way, plugin, offered=offered))
        return cells

    def _arms(self) -> Iterator[tuple[str, Plugin, dict[str, Any]]]:
        """(label, strategy with its own options, options offered to it). A strategy that is a pool takes no token budget."""
        pool = {"n": self.pool_n, **next(iter(_listed(self.overrides.get("pool", {}))), {})}
        yield f"pool of {pool['n']}", Plugin("pool", pool), {}
        for name in dict.fromkeys(self.strategies):
            if name == "pool":
                continue
            for own, budget, tokens in product(_listed(self.overrides.get(name, {})), self.budgets, self.token_budgets or (0,)):
                shared = {"verifier": self.verifier, "separators": list(self.separators), "step_tokens": self.step_tokens}
                shared |= {"max_steps": self.max_steps} if self.max_steps else {}
                offered = {"n|width|particles": budget, "token_budget": tokens, **shared}
                words = [f"N = {budget}"] if len(self.budgets) > 1 else []
                words += [f"{tokens:,} tokens"] if len(self.token_budgets) > 1 else []
                words += [f"{option.replace('_', ' ')} {value}" for option, value in own.items()]
                yield ", ".join(["{strategy}", *words]), Plugin(name, dict(own)), offered

    def findings(self, conditions: Sequence[ConditionPools], rng: np.random.Generator) -> list[Finding]:
        """The headline, the table, accuracy against every cost, and what sweeps and difficulty tell."""
        seed = int(rng.integers(2**32))  # drawn first, so that a live run's subsets stay the same while its pools grow
        groups = groups_of(conditions, Terms(self.verifier, self.reference, self.axis, self.intensity), seed, rng)
        if not groups:
            return [nothing_yet()]
        found = [headline(groups), *axis_figures(groups), table_finding(groups)]
        further = [
            budget_finding(groups),
            decoding_finding(groups),
            ratio_finding(groups),
            difficulty_finding(groups, rng),
            frontier_finding(groups),
            models_finding(groups, self.pretraining_ratio, rng),
        ]
        found += [each for each in further if each is not None]
        for findings in (refinement_findings, stopping_findings, pruning_findings):
            found += findings(conditions, rng)
        return found


def _listed(options: Any) -> list[dict[str, Any]]:
    return options if isinstance(options, list) else [options]


def _where(language_model: str, variant: str, way: Decoding, language_models, variants, ways) -> str:
    """What tells the setting from the others."""
    words = [language_model] if len(language_models) > 1 else []
    words += [variant] if len(variants) > 1 else []
    if len({each.temperature for each in ways}) > 1:
        words.append(f"temperature {way.temperature:g}")
    if len({each.top_p for each in ways}) > 1:
        words.append(f"top-p {way.top_p:g}")
    return ", ".join(words)
