"""What an archived run was made of: found among what is here by its content, or else made under a free name."""

import json
from collections.abc import Callable, Iterator
from typing import Any

from django.db.models import Model

from ...domain.errors import AssayError
from ...graders.base import graders
from ...inference.base import backends
from ...models import Dataset, Experiment, LanguageModel, Prompt, User
from ...studies.base import studies
from ..judges import build_verifiers, with_key
from ..planning import decoding_from

Told = Callable[[str], None]

#: Of a local model's fingerprint, what tells the file wherever it is computed; the rest is about the machine.
_OF_THE_WEIGHTS = "sha256"


def free_name(model: type[Model], name: str, **place: Any) -> str:
    """The name, or where it is taken the name with a suffix. `place` are the columns that it is unique together with."""
    longest = model._meta.get_field("name").max_length
    return next(each for each in _names(name, longest) if not model.objects.filter(name=each, **place).exists())


def _names(name: str, longest: int) -> Iterator[str]:
    yield name
    for number in range(1, 1_000_000):
        suffix = " (restored)" if number == 1 else f" (restored {number})"
        yield f"{name[: longest - len(suffix)]}{suffix}"


def datasets_like(cells: dict[str, Any]) -> list[Dataset]:
    """Stored datasets that say they have the same problems in the same order, one of the same name first."""
    same = Dataset.objects.filter(content_hash=cells["content_hash"], n_problems=cells["n_problems"])
    return sorted(same, key=lambda each: ((each.name, each.version) != (cells["name"], cells["version"]), each.pk))


def prompt_like(name: str, wordings: list[dict[str, Any]]) -> Prompt | None:
    """The prompt of this name, if it has one of the wordings and none that contradicts them."""
    prompt = Prompt.objects.filter(name=name).first()
    if prompt is None:
        return None
    known = {(each.name, each.version): (each.system, each.template) for each in prompt.variants.all()}
    both = [each for each in wordings if (each["name"], each["version"]) in known]
    agree = all(known[each["name"], each["version"]] == (each["system"], each["template"]) for each in both)
    return prompt if both and agree else None


def language_model_for(frozen: dict[str, Any], tell: Told) -> LanguageModel:
    """The entry that answers as the frozen one did; else a new one, put into the archive: whether it may be asked from
    here is for a person to say."""
    entries = LanguageModel.objects.filter(backend=frozen["backend"])
    for entry in sorted(entries, key=lambda each: (each.name != frozen["name"], each.pk)):
        if _answers_alike(entry, frozen):
            if entry.name != frozen["name"]:
                tell(f"The language model “{frozen['name']}” is “{entry.name}” here.")
            return entry
    name = free_name(LanguageModel, frozen["name"][:200])
    tell(f"The language model “{name}” was not known and was put into the archive of models, without a key.")
    columns = {"backend": frozen["backend"], "params": frozen["params"], "n_parameters": frozen["n_parameters"]}
    return LanguageModel.objects.create(name=name, archived=True, **columns)


def _answers_alike(entry: LanguageModel, frozen: dict[str, Any]) -> bool:
    """The same weights, or the same options, or what else the backend says decides about its answers."""
    try:
        backend = backends.build(entry.backend, entry.params)
        found = _as_stored(backend.fingerprint())
    except AssayError:
        return entry.params == frozen["params"]
    if _OF_THE_WEIGHTS in found or _OF_THE_WEIGHTS in frozen["fingerprint"]:
        return _of_the_weights(found) == _of_the_weights(frozen["fingerprint"])
    return found == frozen["fingerprint"] or _as_stored(backend.model_dump(mode="json")) == frozen["params"]


def _of_the_weights(fingerprint: dict[str, Any]) -> tuple[Any, Any]:
    return fingerprint.get(_OF_THE_WEIGHTS), fingerprint.get("options")


def _as_stored(value: dict[str, Any]) -> dict[str, Any]:
    return json.loads(json.dumps(value))


def experiment_for(
    config: dict[str, Any], dataset: Dataset, variants: set[int], entries: set[int], user: User | None, tell: Told
) -> Experiment:
    """The experiment of this name, if `user` sees it and it is the plan that the run froze; else a new one of theirs."""
    name, n_problems = config["experiment"]["name"][:200], config["dataset"]["n_problems"]
    plan = {
        "study": config["study"]["name"],
        "dataset_id": dataset.pk,
        "grader": config["grader"]["name"],
        "seed": config["seed"],
        "repeats": config["repeats"],
        "reuses_answers": config.get("reuses_answers", False),
    }
    known = Experiment.objects.visible_to(user).filter(name=name, **plan).first()
    if known and _froze_alike(known, config) and _parts(known) == (variants, entries):
        return known
    experiment = Experiment.objects.create(
        name=free_name(Experiment, name),
        description=config["experiment"]["description"],
        study_params=config["study"]["params"],
        grader_params=config["grader"]["params"],
        verifiers=_verifiers(config["verifiers"]),
        decoding=config["decoding"],
        max_problems=None if n_problems >= dataset.n_problems else n_problems,
        owner=user,
        **plan,
    )
    experiment.variants.set(variants)
    experiment.language_models.set(entries)
    tell(f"The experiment “{experiment}” was made from the run's frozen plan.")
    return experiment


def _parts(experiment: Experiment) -> tuple[set[int], set[int]]:
    return tuple(set(each.values_list("pk", flat=True)) for each in (experiment.variants, experiment.language_models))


def _froze_alike(experiment: Experiment, config: dict[str, Any]) -> bool:
    """Whether its options, with their defaults filled in, are those of the run."""
    try:
        chosen = build_verifiers(experiment.verifiers)
        study = with_key(studies.build(experiment.study, experiment.study_params).model_dump(mode="json"), chosen)
        grader = graders.build(experiment.grader, experiment.grader_params).model_dump(mode="json")
        decoding = decoding_from(experiment.decoding).model_dump(mode="json")
    except AssayError:
        return False
    verifiers = [{"name": each.name, "params": each.model_dump(mode="json")} for each in chosen]
    found = {"study": study, "grader": grader, "decoding": decoding, "verifiers": verifiers}
    return _as_stored(found) == {
        "study": config["study"]["params"],
        "grader": config["grader"]["params"],
        "decoding": config["decoding"],
        "verifiers": _verifiers(config["verifiers"]),
    }


def _verifiers(frozen: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{"name": each["name"], "params": each["params"]} for each in frozen]
