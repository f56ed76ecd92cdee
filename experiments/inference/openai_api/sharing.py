"""One call's tokens, divided among the answers it brought so that nothing is counted twice and nothing lost."""

from collections.abc import Sequence
from dataclasses import dataclass

from ...domain.types import Usage


@dataclass(frozen=True)
class Share:
    """What one answer counts as its own."""

    usage: Usage
    is_estimated: bool


def share(total: Usage, is_estimated: bool, written: Sequence[int]) -> list[Share]:
    """A share for each answer, in order; they add up to the total.

    The prompt was read once, so the first answer counts it. Endpoints tell how many tokens all answers have together:
    `written`, each answer's number as far as we can see, divides them, and unless it fits exactly the shares are estimates.
    """
    if len(written) == 1:
        return [Share(total, is_estimated)]
    completions = divide(total.completion_tokens, written)
    reasoning = divide(total.reasoning_tokens, completions)
    fits = completions == list(written)
    shares = [Share(Usage(0, 0, *each), is_estimated or not fits) for each in zip(completions, reasoning, strict=True)]
    first = Usage(total.prompt_tokens, total.cached_tokens, completions[0], reasoning[0])
    return [Share(first, is_estimated or not fits), *shares[1:]]


def divide(whole: int, weights: Sequence[int]) -> list[int]:
    """Whole numbers in proportion to the weights that add up to `whole`: the largest remainders are rounded up."""
    weights = weights if any(weights) else [1] * len(weights)
    parts, remainders = zip(*(divmod(whole * weight, sum(weights)) for weight in weights), strict=True)
    in_order = sorted(range(len(weights)), key=lambda place: -remainders[place])
    ups = set(in_order[: whole - sum(parts)])
    return [part + (place in ups) for place, part in enumerate(parts)]
