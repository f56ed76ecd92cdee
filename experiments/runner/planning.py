"""From an editable experiment to a run with everything it needs frozen inside. Nothing is asked of a model here."""

import platform
from dataclasses import dataclass
from importlib import metadata

from django.conf import settings
from django.db import transaction

from ..domain import templating
from ..domain.errors import AssayError, InvalidInput, TemplateError
from ..domain.registry import Options, explain
from ..domain.types import ConditionSpec, Decoding, Demonstration
from ..graders.base import grader_key, graders
from ..inference.base import Backend, backends
from ..models import Attempt, Condition, Experiment, LanguageModel, Problem, Run, Variant
from ..strategies.base import Strategy, strategies
from ..studies.base import Study, studies
from ..treatments.base import treatments
from ..treatments.rendering import rendered
from ..verifiers.base import Verifier
from .allocation import lay_out_next_round
from .demonstrations import frozen_demonstration, set_aside
from .judges import build_verifiers, check_verifiers, entries_asked, with_key
from .laying_out import lay_out
from .serving import Serving
from .verifier_keys import verifier_key

LIBRARIES = ("Django", "numpy", "pydantic", "llama-cpp-python", "reasoning-gym", "math-verify")


@dataclass(frozen=True)
class Plan:
    """What a run will do. `attempts` are (problem, condition's place, repeat) in the order of work.

    An adaptive study asks for its attempts while it runs: then there are none yet, and the sizes are what it may come to.
    """

    config: dict
    conditions: list[ConditionSpec]
    attempts: list[tuple[Problem, int, int]]
    attempts_by_condition: list[float]
    samples_per_attempt: list[int]  # by condition

    @property
    def n_attempts(self) -> int:
        return round(sum(self.attempts_by_condition))

    @property
    def n_samples(self) -> int:
        pairs = zip(self.attempts_by_condition, self.samples_per_attempt, strict=True)
        return round(sum(attempts * samples for attempts, samples in pairs))


def plan_run(experiment: Experiment, pilot_problems: int | None = None) -> Plan:
    """Check everything that can be checked before the first token and freeze it. Raises InvalidInput saying what to mend.

    A pilot takes only so many of the problems, spread over all of them.
    """
    everything = problems = list(experiment.dataset.problems.order_by("position")[: experiment.max_problems])
    if pilot_problems:
        problems = problems[:: max(1, len(problems) // pilot_problems)][:pilot_problems]
    if not problems:
        raise InvalidInput(f"The dataset “{experiment.dataset}” has no problems.")
    language_models = {entry.name: entry for entry in experiment.language_models.order_by("name")}
    if not language_models:
        raise InvalidInput("The experiment has no language model: choose at least one.")
    variants = {str(variant): variant for variant in experiment.variants.select_related("prompt")}
    if not variants:
        raise InvalidInput("The experiment has no prompt variant: choose at least one.")
    for name, variant in variants.items():
        _check_template(name, variant, problems)

    decoding = decoding_from(experiment.decoding)
    study = studies.build(experiment.study, experiment.study_params)
    grader = graders.build(experiment.grader, experiment.grader_params)
    judged_by = build_verifiers(experiment.verifiers)
    conditions = lay_out(study, list(language_models), list(variants), decoding)
    methods = [strategies.build(condition.strategy.name, condition.strategy.params) for condition in conditions]
    entries = language_models | entries_asked(judged_by)
    ready = {name: check_backend(entry) for name, entry in entries.items()}
    serving = {name: Serving(entry, ready[name]) for name, entry in entries.items()}
    wanted = [treatments.build(each.treatment.name, each.treatment.params) for each in conditions if each.treatment]
    n_shown = max((treatment.n_demonstrations for treatment in wanted), default=0)
    in_one_prompt = any(treatment.n_companions is not None for treatment in wanted)
    ring = [_frozen_problem(each) for each in everything] if in_one_prompt else []
    problems, demonstrations = set_aside(experiment.dataset, problems, n_shown, experiment.seed)
    if not pilot_problems:
        study.check_problems(len(problems))
    _check_treatments(conditions, variants, problems, demonstrations, experiment.seed, ring)
    for condition, method in zip(conditions, methods, strict=True):
        serving[condition.language_model].check_writes()
        serving[condition.language_model].check_method(method)
        _check_verifiers_used(method, judged_by)
        serving[condition.language_model].check_decoding(condition.decoding)
        if variants[condition.variant].system:
            serving[condition.language_model].check_system(f"Variant “{condition.variant}” has a system message")
        elif condition.treatment and treatments.build(condition.treatment.name, condition.treatment.params).writes_system:
            serving[condition.language_model].check_system(f"Condition “{condition.label}” writes a system message")
    check_verifiers(judged_by, [condition.language_model for condition in conditions], serving)

    config = {
        "experiment": {"id": experiment.pk, "name": experiment.name, "description": experiment.description},
        "study": {"name": study.name, "params": with_key(study.model_dump(mode="json"), judged_by)},
        "grader": {**_frozen(grader), "key": grader_key(grader)},
        "verifiers": [frozen_verifier(verifier) for verifier in judged_by],
        "decoding": decoding.model_dump(mode="json"),
        "dataset": {
            "id": experiment.dataset_id,
            "name": experiment.dataset.name,
            "version": experiment.dataset.version,
            "content_hash": experiment.dataset.content_hash,
            "n_problems": len(problems),
        },
        "conditions": [_frozen_condition(condition) for condition in conditions],
        "prompts": [_frozen_variant(name, variant) for name, variant in variants.items()],
        "language_models": [frozen_model(entry, ready[name]) for name, entry in entries.items()],
        "demonstrations": [frozen_demonstration(each) for each in demonstrations],
        **({"ring": ring} if ring else {}),
        **({"problems": [problem.key for problem in problems]} if study.is_adaptive else {}),
        "repeats": experiment.repeats,
        "reuses_answers": experiment.reuses_answers,
        "seed": experiment.seed,
        "versions": _versions(),
    }
    attempts = [] if study.is_adaptive else _in_order_of_work(study, problems, experiment.repeats, len(conditions))
    each = study.n_asks(len(conditions), len(problems)) * experiment.repeats / len(conditions)
    return Plan(config, conditions, attempts, [each] * len(conditions), [method.samples_per_attempt for method in methods])


def _in_order_of_work(study: Study, problems: list[Problem], repeats: int, n_conditions: int) -> list[tuple[Problem, int, int]]:
    places = range(n_conditions)
    if study.works_by_condition:
        return [(problem, place, repeat) for place in places for problem in problems for repeat in range(repeats)]
    return [(problem, place, repeat) for problem in problems for repeat in range(repeats) for place in places]


def create_run(experiment: Experiment, user, pilot_problems: int | None = None) -> Run:
    """Plan the experiment and store the run with its conditions and attempts, whole or not at all."""
    plan = plan_run(experiment, pilot_problems)
    language_models = {entry.name: entry for entry in experiment.language_models.all()}
    variants = {str(variant): variant for variant in experiment.variants.select_related("prompt")}
    with transaction.atomic():
        run = Run.objects.create(
            experiment=experiment,
            config=plan.config,
            seed=experiment.seed,
            started_by=user,
            is_pilot=pilot_problems is not None,
            spending_cap=experiment.spending_cap,
            n_attempts=plan.n_attempts,
            n_samples_planned=plan.n_samples,
        )
        conditions = [
            Condition(
                run=run,
                position=position,
                key=spec.key,
                label=spec.label,
                language_model=language_models[spec.language_model],
                variant=variants[spec.variant],
                decoding=spec.decoding.model_dump(mode="json"),
                strategy=spec.strategy.name,
                strategy_params=spec.strategy.params,
            )
            for position, spec in enumerate(plan.conditions)
        ]
        Condition.objects.bulk_create(conditions)
        attempts = (
            Attempt(run=run, condition=conditions[condition], problem=problem, repeat=repeat, position=position)
            for position, (problem, condition, repeat) in enumerate(plan.attempts)
        )
        Attempt.objects.bulk_create(attempts, batch_size=1000)
        lay_out_next_round(run)
    return run


def decoding_from(params: dict) -> Decoding:
    """Raises InvalidInput naming the option and its bound."""
    try:
        return Decoding.model_validate(params)
    except ValueError as error:
        raise InvalidInput(f"Decoding: {explain(error, Decoding)}") from None


def _check_template(name: str, variant: Variant, problems: list[Problem]) -> None:
    for part in (variant.system, variant.template):
        for problem in problems:
            try:
                templating.render(part, problem.slots)
            except TemplateError as error:
                raise InvalidInput(f"Variant “{name}” does not fit problem “{problem.key}”: {error}") from None


def _check_treatments(
    conditions: list[ConditionSpec],
    variants: dict[str, Variant],
    problems: list[Problem],
    demonstrations: list[Demonstration],
    seed: int,
    ring: list[dict],
) -> None:
    """Try each on every problem that it will be applied to."""
    treated = {
        (condition.variant, condition.treatment.name, repr(condition.treatment.params)): condition
        for condition in conditions
        if condition.treatment
    }
    for condition in treated.values():
        treatment = {"name": condition.treatment.name, "params": condition.treatment.params}
        wordings = {name: {"system": variant.system, "template": variant.template} for name, variant in variants.items()}
        wording = wordings.pop(condition.variant)
        for problem in problems:
            texts = (problem.slots, problem.choices, problem.metadata, wording)
            try:
                rendered(problem.key, *texts, treatment, seed, demonstrations, list(wordings.values()), ring)
            except InvalidInput as error:
                raise InvalidInput(f"Condition “{condition.label}” does not fit problem “{problem.key}”: {error}") from None


def check_backend(entry: LanguageModel) -> Backend:
    """What will answer. Raises InvalidInput where it cannot be used."""
    backend = backends.build(entry.backend, entry.params).told(entry.truth)
    try:
        backend.check()
    except AssayError as error:
        raise InvalidInput(f"Language model “{entry.name}” cannot be used: {error}") from None
    return backend


def _check_verifiers_used(method: Strategy, judged_by: list[Verifier]) -> None:
    known = [verifier.name for verifier in judged_by] + [verifier_key(verifier) for verifier in judged_by]
    if missing := sorted(method.verifiers_used - set(known)):
        raise InvalidInput(f"“{method.label}” asks for scores by “{missing[0]}”: add that verifier to the experiment.")


def frozen_verifier(verifier: Verifier) -> dict:
    return {**_frozen(verifier), "key": verifier_key(verifier)}


def _frozen(plugin: Options) -> dict:
    return {"name": plugin.name, "params": plugin.model_dump(mode="json")}


def _frozen_problem(problem: Problem) -> dict:
    """What it takes to ask it beside another one, and to grade it there."""
    return {
        "key": problem.key,
        "slots": problem.slots,
        "choices": problem.choices,
        "answers": problem.answers,
        "metadata": problem.metadata,
    }


def _frozen_condition(spec: ConditionSpec) -> dict:
    return {
        "key": spec.key,
        "label": spec.label,
        "language_model": spec.language_model,
        "variant": spec.variant,
        "decoding": spec.decoding.model_dump(mode="json"),
        "strategy": {"name": spec.strategy.name, "params": spec.strategy.params},
        "treatment": None if spec.treatment is None else {"name": spec.treatment.name, "params": spec.treatment.params},
    }


def _frozen_variant(name: str, variant: Variant) -> dict:
    return {
        "variant": name,
        "id": variant.pk,
        "system": variant.system,
        "template": variant.template,
        "content_hash": variant.content_hash,
    }


def frozen_model(entry: LanguageModel, backend: Backend) -> dict:
    return {
        "name": entry.name,
        "backend": entry.backend,
        "params": backend.model_dump(mode="json"),
        "n_parameters": entry.n_parameters,
        "fingerprint": backend.fingerprint(),
        "truth": entry.truth,
        "way_of_asking": backend.way_of_asking(),
    }


def _versions() -> dict[str, str]:
    found = {"assay": settings.SPECTACULAR_SETTINGS["VERSION"], "python": platform.python_version()}
    for library in LIBRARIES:
        try:
            found[library] = metadata.version(library)
        except metadata.PackageNotFoundError:
            continue
    return found
