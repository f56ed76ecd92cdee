"""Experiments that are ready to run on the bundled model, with everything they need."""

from django.db import transaction

from ..inference.base import backends
from ..models import Experiment, LanguageModel
from .preset_list import PRESETS

LANGUAGE_MODEL = "SmolLM2-135M-Instruct"


@transaction.atomic
def load_preset(name: str) -> Experiment:
    """The experiment of that name in PRESETS with its dataset, prompt and model. What is there already stays as it is."""
    known = Experiment.objects.filter(name=name).first()
    if known:
        return known
    preset = PRESETS[name]
    experiment = Experiment.objects.create(
        name=name,
        description=preset.description,
        study=preset.study,
        study_params=preset.study_params,
        dataset=preset.material.stored_dataset(),
        max_problems=preset.max_problems,
        decoding=preset.decoding,
        grader=preset.grader or preset.material.grader,
        grader_params={} if preset.grader else preset.material.grader_params,
        verifiers=[{"name": verifier, "params": {}} for verifier in preset.verifiers],
        seed=1,
    )
    experiment.variants.set(preset.material.stored_variants()[:1])
    experiment.language_models.set([_language_model()])
    return experiment


def names() -> list[str]:
    """The demo comes first."""
    return list(PRESETS)


def _language_model() -> LanguageModel:
    """The bundled model; llama_cpp's own default file."""
    backend = backends.build("llama_cpp", {})
    defaults = {
        "backend": backend.name,
        "params": {"file": backend.file},
        "n_parameters": backend.fingerprint()["n_parameters"],
    }
    entry, _ = LanguageModel.objects.get_or_create(name=LANGUAGE_MODEL, defaults=defaults)
    return entry
