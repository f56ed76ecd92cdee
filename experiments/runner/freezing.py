"""What a run keeps of everything it uses, as plain JSON: the other side of `frozen`, which reads it."""

import platform
from importlib import metadata
from typing import Any

from django.conf import settings

from ..domain.registry import Options
from ..domain.types import ConditionSpec
from ..inference.base import Backend
from ..models import Dataset, Experiment, LanguageModel, Problem, Variant
from ..verifiers.base import Verifier
from .verifier_keys import verifier_key

LIBRARIES = ("Django", "numpy", "pydantic", "llama-cpp-python", "reasoning-gym", "math-verify")


def frozen_experiment(experiment: Experiment) -> dict[str, Any]:
    return {"id": experiment.pk, "name": experiment.name, "description": experiment.description}


def frozen_plugin(plugin: Options) -> dict[str, Any]:
    return {"name": plugin.name, "params": plugin.model_dump(mode="json")}


def frozen_dataset(dataset: Dataset, n_problems: int) -> dict[str, Any]:
    return {
        "id": dataset.pk,
        "name": dataset.name,
        "version": dataset.version,
        "content_hash": dataset.content_hash,
        "n_problems": n_problems,
    }


def frozen_verifier(verifier: Verifier) -> dict[str, Any]:
    return {**frozen_plugin(verifier), "key": verifier_key(verifier)}


def frozen_problem(problem: Problem) -> dict[str, Any]:
    """What it takes to ask it beside another one, and to grade it there."""
    return {
        "key": problem.key,
        "slots": problem.slots,
        "choices": problem.choices,
        "answers": problem.answers,
        "metadata": problem.metadata,
    }


def frozen_condition(spec: ConditionSpec) -> dict[str, Any]:
    return {
        "key": spec.key,
        "label": spec.label,
        "language_model": spec.language_model,
        "variant": spec.variant,
        "decoding": spec.decoding.model_dump(mode="json"),
        "strategy": {"name": spec.strategy.name, "params": spec.strategy.params},
        "treatment": None if spec.treatment is None else {"name": spec.treatment.name, "params": spec.treatment.params},
    }


def frozen_variant(name: str, variant: Variant) -> dict[str, Any]:
    return {
        "variant": name,
        "id": variant.pk,
        "system": variant.system,
        "template": variant.template,
        "content_hash": variant.content_hash,
    }


def frozen_model(entry: LanguageModel, backend: Backend) -> dict[str, Any]:
    return {
        "name": entry.name,
        "backend": entry.backend,
        "params": backend.model_dump(mode="json"),
        "n_parameters": entry.n_parameters,
        "fingerprint": backend.fingerprint(),
        "truth": entry.truth,
        "way_of_asking": backend.way_of_asking(),
    }


def versions() -> dict[str, str]:
    found = {"assay": settings.SPECTACULAR_SETTINGS["VERSION"], "python": platform.python_version()}
    for library in LIBRARIES:
        try:
            found[library] = metadata.version(library)
        except metadata.PackageNotFoundError:
            continue
    return found
