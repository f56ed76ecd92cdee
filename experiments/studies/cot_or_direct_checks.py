"""What a comparison of direct answers with reasoning rests on: that the ones are direct, and that no answer is a habit."""

from collections import Counter
from collections.abc import Sequence

import numpy as np

from ..statistics.estimates import Estimate
from ..statistics.intervals import bootstrap_mean
from .base import Finding
from .compared import Compared, tokens, truncated
from .wording import describe, percent


def checks_finding(groups: Sequence[Compared], most_words: int, rng: np.random.Generator) -> Finding:
    """Words of direct answers, what was cut off, and how often each condition says the first of two possible answers."""
    sentences, numbers, rows = [], {}, []
    for group in groups:
        first = first_of_two(group)
        for key in group.begun():
            shared, name = group.shared(key), f"{group.prefix}{group.labels[key]}"
            short = group.by_problem(key, shared, lambda pool, _: float((pool.words <= most_words).mean()) if pool.n else 0.0)
            found = {
                "tokens": bootstrap_mean(group.by_problem(key, shared, tokens), rng),
                f"at most {most_words} words": bootstrap_mean(short, rng),
                "cut off": bootstrap_mean(group.by_problem(key, shared, truncated), rng),
            }
            if first:
                found[f"says “{first}”"] = _said(group, key, first, rng)
            numbers |= {f"{name}: {what}": each for what, each in found.items() if each.value is not None}
            rows.append([name, *("–" if each.value is None else describe(each) for each in found.values())])
        direct = numbers[f"{group.prefix}{group.labels['direct']}: at most {most_words} words"]
        sentences.append(
            f"{group.prefix}{percent(direct)} of the direct answers have at most {most_words} words"
            + (": the others may reason first, which dilutes the comparison." if direct.value < 1 else ".")
        )
        cut = numbers[f"{group.prefix}{group.labels['steps']}: cut off"]
        if cut.value:
            sentences.append(
                f"{percent(cut)} of the step-by-step answers were cut off, which counts as wrong: raise the max tokens."
            )
        if first:
            rates = (numbers.get(f"{group.prefix}{group.labels[key]}: says “{first}”") for key in group.begun())
            told = " and ".join(
                f"{describe(each)} ({group.labels[key]})" for key, each in zip(group.begun(), rates, strict=True) if each
            )
            sentences.append(
                f"{group.prefix}The share of answers that say “{first}” is {told}; balanced problems would make it 0.5."
            )
    columns = ["condition", "tokens", f"at most {most_words} words", "cut off"]
    widest = max(len(row) for row in rows)
    table = {"columns": [*columns, "first answer"][:widest], "rows": [row + ["–"] * (widest - len(row)) for row in rows]}
    return Finding("checks", "Checks", " ".join(sentences), numbers, details={"table": table})


def first_of_two(group: Compared) -> str | None:
    """The answer whose share is told: “yes”, or A of two choices; None where answers are of another kind."""
    pools = [pool for condition in group.conditions.values() for pool in condition.pools]
    answers = Counter(answer for pool in pools for answer in pool.read or () if answer)
    for first, second in (("yes", "no"), ("A", "B"), ("true", "false")):
        if answers and set(answers) <= {first, second}:
            return first
    return None


def _said(group: Compared, key: str, first: str, rng: np.random.Generator) -> Estimate:
    """Of the answers that could be read."""
    shares = []
    for pool in group.conditions[key].pools:
        read = [answer for answer in pool.read or () if answer]
        if read:
            shares.append(np.mean([answer == first for answer in read]))
    return bootstrap_mean(np.array(shares), rng)
