"""What one problem cost under one condition, on every axis it can be drawn against."""

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np

from .kinetics import Shape, kinetic_cost
from .runtimes import Runtime


@dataclass(frozen=True, eq=False)
class Texts:
    """The texts of one attempt, one row a text in the order asked, those of judges and failed ones included.

    prompt, cached, completion: (n,) tokens; cached are those of the prompt that did not have to be computed again
    seconds, money, calls:      (n,) from asking to the last token; of all tries, the failed ones included
    judging:                    (n,) bool, whether the text says something about an answer and is none itself
    group:                      (n,) int, equal for texts of one prompt
    """

    prompt: np.ndarray
    cached: np.ndarray
    completion: np.ndarray
    seconds: np.ndarray
    money: np.ndarray
    calls: np.ndarray
    judging: np.ndarray
    group: np.ndarray

    @property
    def computed(self) -> np.ndarray:
        """(n,) prompt tokens that had to be computed. The first text pays for its prompt whatever an engine still knew of it,
        so that an attempt's cost does not depend on which other attempt came before."""
        rest = self.prompt - self.cached
        if len(rest):
            rest[0] = self.prompt[0]
        return rest

    def where(self, chosen: np.ndarray) -> "Texts":
        return Texts(**{field.name: getattr(self, field.name)[chosen] for field in fields(self)})


@dataclass(frozen=True)
class Cost:
    """Sums over the texts of one attempt; None where a number is not known of the language model.

    `flops` are 2 x parameters x tokens computed or written. `kv_traffic` is what reading the key-value cache adds to
    `attention_flops` in eFLOPs for each FLOP per byte of the machine (Kinetics, 2025). `ideal_seconds` are those of the texts
    one after the other on a machine of their own (M24); `prefill_tokens` is PTE*, everything in tokens of a prompt.
    """

    samples: float = 0.0
    calls: float = 0.0
    prompt_tokens: float = 0.0
    cached_tokens: float = 0.0
    completion_tokens: float = 0.0
    tokens: float = 0.0
    judging_tokens: float = 0.0
    seconds: float = 0.0
    money: float = 0.0
    flops: float | None = None
    attention_flops: float | None = None
    kv_traffic: float | None = None
    ideal_seconds: float | None = None
    prefill_tokens: float | None = None

    def eflops(self, intensity: float) -> float | None:
        """`intensity` is the machine's FLOPs per byte of memory traffic."""
        return None if self.attention_flops is None else self.attention_flops + intensity * self.kv_traffic


#: What a figure can be drawn against: field of `Cost` (or "eflops") -> words with their unit.
AXES = {
    "tokens": "tokens per problem (prompts counted once)",
    "completion_tokens": "completion tokens per problem",
    "samples": "texts per problem",
    "calls": "calls per problem",
    "judging_tokens": "judges' and feedback's tokens per problem",
    "seconds": "seconds of writing per problem",
    "money": "money per problem",
    "flops": "FLOPs per problem",
    "eflops": "eFLOPs per problem",
    "ideal_seconds": "idealized seconds per problem",
    "prefill_tokens": "PTE* per problem (prompt-token equivalents)",
}


@dataclass(frozen=True)
class Yardstick:
    """What is known of the language model that wrote the texts."""

    n_parameters: int | None = None
    shape: Shape | None = None
    runtime: Runtime | None = None


def cost_of(texts: Texts, yardstick: Yardstick) -> Cost:
    """What the texts of one attempt cost in all."""
    computed, completion = float(texts.computed.sum()), float(texts.completion.sum())
    attention, traffic = _kinetics(texts, yardstick)
    runtime = yardstick.runtime
    return Cost(
        samples=float(len(texts.prompt)),
        calls=float(texts.calls.sum()),
        prompt_tokens=float(texts.prompt.sum()),
        cached_tokens=float(texts.prompt.sum()) - computed,
        completion_tokens=completion,
        tokens=computed + completion,
        judging_tokens=float((texts.computed + texts.completion)[texts.judging].sum()),
        seconds=float(texts.seconds.sum()),
        money=float(texts.money.sum()),
        flops=yardstick.n_parameters and 2.0 * yardstick.n_parameters * (computed + completion),
        attention_flops=attention,
        kv_traffic=traffic,
        ideal_seconds=runtime and float(runtime.seconds(texts.computed, texts.completion).sum()),
        prefill_tokens=runtime and runtime.prefill_tokens(texts.prompt, texts.prompt - texts.computed, texts.completion),
    )


def cost_of_one(texts: Texts, yardstick: Yardstick) -> Cost:
    """What a single text of a pool costs on average: its own prompt, and the mean of everything else."""
    if not len(texts.prompt):
        return cost_of(texts, yardstick)
    one = Texts(
        prompt=texts.prompt[:1],
        cached=np.zeros(1),
        completion=texts.completion.mean(keepdims=True),
        seconds=texts.seconds.mean(keepdims=True),
        money=texts.money.mean(keepdims=True),
        calls=texts.calls.mean(keepdims=True),
        judging=texts.judging[:1],
        group=texts.group[:1],
    )
    return cost_of(one, yardstick)


def mean_cost(costs: Sequence[Cost]) -> Cost:
    """Field by field; None where it is not known of some."""
    return Cost(**{field.name: _mean([getattr(cost, field.name) for cost in costs]) for field in fields(Cost)})


def cost_on(cost: Cost, axis: str, intensity: float) -> float | None:
    """The cost on one of the AXES."""
    return cost.eflops(intensity) if axis == "eflops" else getattr(cost, axis)


def _mean(values: list[float | None]) -> float | None:
    return None if None in values or not values else sum(values) / len(values)


def _kinetics(texts: Texts, yardstick: Yardstick) -> tuple[float | None, float | None]:
    """(compute, traffic), texts of one prompt together."""
    if yardstick.shape is None or not yardstick.n_parameters:
        return None, None
    compute = traffic = 0.0
    for group in np.unique(texts.group):
        own = texts.group == group
        lengths = float(texts.prompt[own].mean()), float(texts.completion[own].mean())
        of_group = kinetic_cost(yardstick.n_parameters, yardstick.shape, *lengths, int(own.sum()))
        compute, traffic = compute + of_group.compute, traffic + of_group.traffic
    return compute, traffic
