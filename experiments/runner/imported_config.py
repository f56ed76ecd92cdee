"""What an imported run keeps where other runs keep their frozen plan, so that every page reads it like theirs."""

from hashlib import sha256
from typing import Any

from ..inference.base import backends
from ..models import Condition, Dataset, Experiment, LanguageModel, Variant
from ..sources.logs.base import Log
from . import freezing

#: Regrading starts from this grader; the marks that came with the log stand under a key of their own.
GRADER = "exact"
STUDY = "best_of_n"


def imported_config(
    log: Log,
    file_name: str,
    digest: str,
    experiment: Experiment,
    dataset: Dataset,
    variants: list[Variant],
    entries: list[LanguageModel],
) -> dict[str, Any]:
    """All but the conditions. The decoding is empty: logs tell it in too many ways to be believed."""
    by_name = {str(variant): variant for variant in variants}
    return {
        "experiment": freezing.frozen_experiment(experiment),
        "study": {"name": STUDY, "params": experiment.study_params},
        "grader": {"name": GRADER, "params": {}, "key": f"imported.{log.tool}"},
        "verifiers": [],
        "decoding": {},
        "dataset": freezing.frozen_dataset(dataset, dataset.n_problems),
        "conditions": [],
        "prompts": [freezing.frozen_variant(name, variant) for name, variant in by_name.items()],
        "language_models": [
            freezing.frozen_model(entry, backends.build(entry.backend, entry.params)) for entry in dict.fromkeys(entries)
        ],
        "demonstrations": [],
        "repeats": 1,
        "reuses_answers": False,
        "seed": 0,
        "versions": freezing.versions(),
        "imported": {"tool": log.tool, "file": file_name, "sha256": digest},
    }


def condition_config(condition: Condition) -> dict[str, Any]:
    return {
        "key": condition.key,
        "label": condition.label,
        "language_model": condition.language_model.name,
        "variant": str(condition.variant),
        "decoding": condition.decoding,
        "strategy": {"name": condition.strategy, "params": condition.strategy_params},
        "treatment": None,
    }


def shortened(text: str, n_characters: int) -> str:
    """The text, or where it is too long its beginning with a digest that keeps it apart from others."""
    if len(text) <= n_characters:
        return text
    return f"{text[: n_characters - 13]}-{sha256(text.encode()).hexdigest()[:12]}"
