"""An experiment described in a JSON file, by the names of what it uses."""

import json
from pathlib import Path

from django.core.exceptions import ValidationError
from django.db import transaction

from experiments.domain.errors import InvalidInput
from experiments.models import Dataset, Experiment, LanguageModel, Variant

PLAIN_FIELDS = (
    "description",
    "study",
    "study_params",
    "max_problems",
    "decoding",
    "grader",
    "grader_params",
    "verifiers",
    "repeats",
    "seed",
    "spending_cap",
    "reuses_answers",
)
FIELDS = ("name", "dataset", "variants", "language_models", *PLAIN_FIELDS)


@transaction.atomic
def load_experiment(path: Path) -> Experiment:
    """Store the file's experiment, or change the one of that name. Raises InvalidInput; then nothing is changed.

    `dataset` is a name (its newest version is taken), `variants` are “prompt / variant” (newest version) or
    “prompt / variant v2”, `language_models` are names. The other fields are those of an experiment.
    """
    content = _read(path)
    if unknown := sorted(set(content) - set(FIELDS)):
        raise InvalidInput(f"{path}: unknown field “{unknown[0]}”. Known: {', '.join(FIELDS)}.")
    if missing := [name for name in ("name", "dataset", "variants", "language_models", "grader") if not content.get(name)]:
        raise InvalidInput(f"{path}: “{missing[0]}” is missing.")
    fields = {name: content[name] for name in PLAIN_FIELDS if name in content}
    experiment = Experiment.objects.filter(name=content["name"]).first() or Experiment(name=content["name"])
    for name, value in {**fields, "dataset": _dataset(content["dataset"])}.items():
        setattr(experiment, name, value)
    if not all(isinstance(each, dict) and "name" in each for each in experiment.verifiers):
        raise InvalidInput(f'{path}: “verifiers” must be a list such as [{{"name": "mean_logprob"}}].')
    try:
        # What the JSON fields may hold is for the plug-ins to say, when the run is planned.
        experiment.clean_fields(exclude=["decoding", "study_params", "grader_params", "verifiers", "owner"])
    except ValidationError as error:
        field, messages = next(iter(error.message_dict.items()))
        raise InvalidInput(f"{path}: {field}: {messages[0]}") from None
    experiment.save()
    experiment.variants.set([_variant(name) for name in content["variants"]])
    experiment.language_models.set([_language_model(name) for name in content["language_models"]])
    return experiment


def _read(path: Path) -> dict:
    try:
        content = json.loads(path.read_text())
    except OSError as error:
        raise InvalidInput(f"{path} cannot be read: {error.strerror}.") from None
    except ValueError as error:
        raise InvalidInput(f"{path} is not JSON: {error}.") from None
    if not isinstance(content, dict):
        raise InvalidInput(f"{path} must hold one JSON object.")
    return content


def _dataset(name: str) -> Dataset:
    found = Dataset.objects.filter(name=name).order_by("-version").first()
    if found is None:
        raise InvalidInput(_unknown("data set", name, Dataset.objects.latest_versions()))
    return found


def _variant(name: str) -> Variant:
    variants = Variant.objects.select_related("prompt")
    for variant in [*variants.latest_versions(), *variants]:
        if name in (str(variant), f"{variant.prompt.name} / {variant.name}"):
            return variant
    raise InvalidInput(_unknown("variant", name, variants.latest_versions()))


def _language_model(name: str) -> LanguageModel:
    found = LanguageModel.objects.filter(name=name).first()
    if found is None:
        raise InvalidInput(_unknown("language model", name, LanguageModel.objects.all()))
    return found


def _unknown(noun: str, name: str, known) -> str:
    return f"There is no {noun} “{name}”. Known: {', '.join(map(str, known[:20])) or 'none'}."
