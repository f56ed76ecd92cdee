"""What a study of several problems at once says."""

from collections.abc import Mapping, Sequence

import numpy as np

from ..statistics.intervals import bootstrap_mean
from ..statistics.paired import sign_flip
from ..statistics.savings import share_kept
from .base import Figure, Finding, HeatMap, Series
from .rest_results import RestGroup
from .tested_rows import with_p_values
from .wording import describe, describe_difference, percent, problems

SINGLE = "n1"


def headline(groups: Sequence[RestGroup], stressed: Sequence[str], rng: np.random.Generator) -> Finding:
    """Stress accuracy (the mean over levels of several problems) against single problems, and what share of that is kept."""
    sentences, numbers = [], {}
    for group in groups:
        there = [key for key in group.begun() if key in stressed]
        shared = group.shared(SINGLE, *there) if there else []
        if not shared:
            continue
        single = group.right(SINGLE, shared)
        stress = np.mean([group.right(key, shared) for key in there], axis=0)
        difference, before, after = (bootstrap_mean(values, rng) for values in (stress - single, single, stress))
        kept = share_kept(single, stress, rng)
        numbers |= {
            f"{group.prefix}accuracy on single problems": before,
            f"{group.prefix}stress accuracy": after,
            f"{group.prefix}difference": difference,
            f"{group.prefix}retention": kept,
        }
        told = "" if kept.value is None else f"; {percent(kept)} of the accuracy is kept"
        sentences.append(
            f"{group.prefix}Asking {_sizes(there)} problems at once: accuracy {before.value:.2f} → {after.value:.2f} on "
            f"{problems(len(shared))}, difference {describe_difference(difference)}{told}."
        )
    return Finding("headline", "Several problems at once", " ".join(sentences) or "Nothing to compare yet.", numbers)


def _sizes(keys: Sequence[str]) -> str:
    """For example "2, 4 or 6", from the keys of the levels."""
    *most, last = sorted({int(key.removeprefix("n").partition("_")[0]) for key in keys})
    return f"{', '.join(map(str, most))} or {last} (on average)" if most else str(last)


def levels_finding(groups: Sequence[RestGroup], levels: Mapping[str, int], rng: np.random.Generator) -> Finding:
    """Accuracy by the number of problems in a prompt; every level against single problems, corrected for being many."""
    series, rows, p_values = [], [], []
    for group in groups:
        for ending, told in (("", ""), ("_constant", ", limit of one")):
            keys = [key for key in group.begun() if key == SINGLE or key.endswith("_constant") == bool(ending)]
            if len(keys) < 2 or not (shared := group.shared(*keys)):
                continue
            found = [bootstrap_mean(group.right(key, shared), rng) for key in keys]
            columns = ([getattr(each, end) for each in found] for end in ("value", "low", "high"))
            name = f"{group.prefix.removesuffix(': ') or 'accuracy'}{told}"
            series.append(Series(name, [float(levels[key]) for key in keys], *columns, n=len(shared), bars=True))
        for key in group.begun():
            if key != SINGLE and (shared := group.shared(SINGLE, key)):
                change = group.right(key, shared) - group.right(SINGLE, shared)
                p_values.append(sign_flip(change, rng))
                accuracy = bootstrap_mean(group.right(key, shared), rng)
                written = group.levels[key].tokens
                tokens = bootstrap_mean(np.array([written[problem] for problem in shared if problem in written]), rng)
                rows.append(
                    [
                        f"{group.prefix}{group.labels[key]}",
                        str(len(shared)),
                        describe(accuracy),
                        describe_difference(bootstrap_mean(change, rng)),
                        describe(tokens, 1),
                    ]
                )
    columns = ["condition", "problems", "accuracy", "against single problems", "tokens per problem"]
    table = with_p_values(columns, rows, p_values)
    figure = Figure("Accuracy by problems in one prompt", "problems in one prompt", "share of answers right", series)
    sentence = (
        "Every problem was asked once at every position; intervals resample problems, whose prompts overlap: each stands in as "
        "many prompts as these have problems."
    )
    return Finding("levels", "Accuracy by number of problems", sentence, figure=figure, details={"table": table})


def positions_finding(groups: Sequence[RestGroup], levels: Mapping[str, int], rng: np.random.Generator) -> Finding:
    """Accuracy by position and condition."""
    rows = [(group, key) for group in groups for key in group.begun()]
    width = max(levels[key] for _, key in rows)
    cells = []
    for group, key in rows:
        shared = group.shared(key)
        columns = group.levels[key].share(shared, "correct").T
        found = [bootstrap_mean(column, rng) for column in columns]
        cells.append([*found, *[None] * (width - len(found))])
    figure = HeatMap(
        "Accuracy by position",
        "position in the prompt",
        "condition",
        "share of answers right",
        [f"Q{number}" for number in range(1, width + 1)],
        [f"{group.prefix}{group.labels[key]}" for group, key in rows],
        *([[getattr(each, end) if each else None for each in row] for row in cells] for end in ("value", "low", "high")),
        n=max(len(group.shared(key)) for group, key in rows),
    )
    sentence = "A row for each condition: the share of the problems that come out right at each position of the prompt."
    return Finding("positions", "Accuracy by position", sentence, figure=figure)


def failures_finding(groups: Sequence[RestGroup], rng: np.random.Generator) -> Finding:
    """Answers that could not be found, and those that were cut off, apart from wrong ones."""
    rows, sentences = [], []
    for group in groups:
        for key in group.begun():
            shared = group.shared(key)
            missing, cut = (
                bootstrap_mean(group.levels[key].share(shared, verdict).mean(axis=1), rng)
                for verdict in ("unparsed", "truncated")
            )
            name = f"{group.prefix}{group.labels[key]}"
            rows.append([name, str(len(shared)), percent(missing), percent(cut)])
            sentences.append(f"{name}: {percent(missing)} not found, {percent(cut)} cut off.")
    table = {"columns": ["condition", "problems", "no answer found", "cut off"], "rows": rows}
    told = "Both count as not right above. " + " ".join(sentences)
    return Finding("failures", "Answers missing or cut off", told, details={"table": table})


def limits_finding(groups: Sequence[RestGroup], levels: Sequence[int], rng: np.random.Generator) -> Finding:
    """The limit of tokens of a single problem against one that grows with their number."""
    sentences, numbers = [], {}
    for group in groups:
        for level in levels:
            if shared := group.shared(f"n{level}", f"n{level}_constant"):
                change = group.right(f"n{level}_constant", shared) - group.right(f"n{level}", shared)
                name = f"{group.prefix}{level} problems with the limit of one"
                numbers[name] = bootstrap_mean(change, rng)
                sentences.append(f"{name}: {describe_difference(numbers[name])} on {problems(len(shared))}.")
    told = "Accuracy against a limit that grows with the number of problems. " + " ".join(sentences)
    return Finding("limits", "What the limit of tokens does", told if sentences else "Nothing to compare yet.", numbers)


def power_finding(groups: Sequence[RestGroup], levels: Mapping[str, int]) -> Finding:
    """How far the models are apart at each level: the standard deviation of their accuracies."""
    rows = []
    for key in levels:
        there = [group for group in groups if key in group.begun()]
        if len(there) > 1:
            found = [group.right(key, group.shared(key)).mean() for group in there]
            rows.append([groups[0].labels[key], str(len(there)), f"{np.std(found, ddof=1):.3f}"])
    table = {"columns": ["condition", "language models and variants", "standard deviation of accuracy"], "rows": rows}
    told = "How far language models and variants are apart in accuracy at each number of problems."
    return Finding("power", "Telling models apart", told, details={"table": table})
