"""What Best of N says: sentences, estimates and figures out of measured curves."""

from collections.abc import Sequence
from itertools import combinations

import numpy as np

from ..statistics.estimates import Estimate
from ..statistics.intervals import bootstrap_mean
from ..statistics.selectors.family import SELECTORS
from .base import Figure, Finding
from .measured import Measured
from .wording import describe_difference, is_clear, problems


def nothing_yet() -> Finding:
    return Finding("headline", "Best of N", "No problem has all its samples yet, so there is nothing to compare.")


def headline(measured: Sequence[Measured], verifier: str, rng: np.random.Generator) -> Finding:
    """Selecting against not selecting, in one or two sentences per condition."""
    numbers: dict[str, Estimate] = {}
    sentences = []
    for condition in measured:
        sentence, estimates = _headline_of(condition, verifier, rng)
        sentences.append(condition.prefix + sentence)
        numbers |= {condition.prefix + name: estimate for name, estimate in estimates.items()}
    return Finding("headline", "Best of N", " ".join(sentences), numbers)


def _headline_of(condition: Measured, verifier: str, rng: np.random.Generator) -> tuple[str, dict[str, Estimate]]:
    """The sentences of one condition and the estimates behind them."""
    n, count, single = condition.n, problems(condition.n_problems), condition.estimate("mean", 1)
    numbers = {"mean@1": single}
    if not condition.n_answers:
        found_nothing = f"No answer was found in any of the {condition.n_samples:,} samples of {count}"
        return f"{found_nothing}: look at the texts and at the grader's options.", numbers
    if n == 1:
        interval = "" if single.low is None else f" [{single.low:.2f}, {single.high:.2f}]"
        return f"A single sample answers {single.value:.2f}{interval} of {count}; with N = 1 there is nothing to select.", numbers

    gains = condition.gains(rng)
    for selector, gain in gains.items():
        name = f"{selector_name(selector, verifier)}@{n}"
        numbers |= {name: condition.estimate(selector, n), f"{name} − mean@1": gain}
    has_verifier = "best" in gains
    first = "best" if has_verifier else "majority"
    sentence = (
        f"{f'Best of {n} by {_words(verifier)}' if has_verifier else f'Majority of {n}'} answers "
        f"{condition.estimate(first, n).value:.2f} of the problems, a single sample {single.value:.2f}: "
        f"difference {describe_difference(gains[first])}, paired over {count}."
    )
    if has_verifier:
        sentence += f" Majority of {n}: {describe_difference(gains['majority'])}."
    else:
        sentence += f" No sample has a score by {_words(verifier)}, so its curves are missing."
    return f"{sentence} At least one of {n} is right for {condition.estimate('oracle', n).value:.2f} (oracle).", numbers


def curves_finding(measured: Sequence[Measured], verifier: str) -> Finding:
    """Accuracy against k, one line per selector and condition."""
    n = max(condition.n_problems for condition in measured)
    series = [
        condition.line(selector, selector_name(selector, verifier)) for condition in measured for selector in condition.bands
    ]
    title = f"Accuracy against k, {problems(n)}"
    figure = Figure(title, "samples per problem (k)", "share of problems answered", series, x_log=True)
    largest = max(condition.n for condition in measured)
    sentence = (
        f"Accuracy on 1 to {largest} of each problem's samples under every selector; the bands are 95% intervals over problems. "
        "The oracle knows the answers: no selector can do better."
    )
    return Finding("curves", "Accuracy against k", sentence, figure=figure)


def pairs_finding(measured: Sequence[Measured], verifier: str, rng: np.random.Generator) -> Finding:
    """Every two conditions on the problems they share: a single sample, and the selectors at N."""
    numbers: dict[str, Estimate] = {}
    clear = []
    for first, second in combinations(measured, 2):
        for selector in ("mean", "majority", "best", "oracle"):
            if selector in first.bands and selector in second.bands:
                k = "1" if selector == "mean" else str(first.n) if first.n == second.n else "N"
                name = f"{first.label} − {second.label}: {selector_name(selector, verifier)}@{k}"
                numbers[name] = bootstrap_mean(_paired_at_n(first, second, selector), rng)
                if is_clear(numbers[name]):
                    clear.append(f"{name} {describe_difference(numbers[name])}")
    shown = "; ".join(clear) if clear else "none is a clear difference"
    sentence = (
        f"{len(numbers)} paired comparisons of {len(measured)} conditions: {shown}. "
        "The intervals are not corrected for the number of comparisons."
    )
    return Finding("pairs", "Conditions compared", sentence, numbers, details={"comparisons": len(numbers)})


def _paired_at_n(first: Measured, second: Measured, selector: str) -> np.ndarray:
    """Differences on the problems that both have, each condition at its own N."""
    other = dict(zip(second.curves.problems, second.curves.at(selector, second.n), strict=True))
    mine = zip(first.curves.problems, first.curves.at(selector, first.n), strict=True)
    return np.array([value - other[problem] for problem, value in mine if problem in other])


def selector_name(selector: str, verifier: str) -> str:
    """As legends, estimates and exports call it."""
    return SELECTORS[selector].name_with(verifier)


def _words(verifier: str) -> str:
    return verifier.replace("_", " ")
