"""From an editable experiment to a run with everything it needs frozen inside. Nothing is asked of a model here."""

from dataclasses import dataclass

from django.db import transaction

from ..domain.errors import InvalidInput
from ..domain.registry import explain
from ..domain.types import ConditionSpec, Decoding
from ..graders.base import grader_key, graders
from ..models import Attempt, AuditEntry, Condition, Experiment, Problem, Run
from ..strategies.base import strategies
from ..studies.base import Study, studies
from ..treatments.base import treatments
from . import freezing, placing
from .allocation import lay_out_next_round
from .demonstrations import frozen_demonstration, set_aside
from .fitting import check_backend, check_conditions, check_templates, check_treatments
from .judges import build_verifiers, check_verifiers, entries_asked, with_key
from .laying_out import lay_out
from .serving import Serving


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
    check_templates(variants, problems)

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
    in_one_prompt = any(treatment.n_companions is not None for treatment in wanted)
    ring = [freezing.frozen_problem(each) for each in everything] if in_one_prompt else []
    n_shown = max((treatment.n_demonstrations for treatment in wanted), default=0)
    problems, demonstrations = set_aside(experiment.dataset, problems, n_shown, experiment.seed)
    if not pilot_problems:
        study.check_problems(len(problems))
    check_treatments(conditions, variants, problems, demonstrations, experiment.seed, ring)
    check_conditions(conditions, variants, judged_by, serving)
    check_verifiers(judged_by, [condition.language_model for condition in conditions], serving)

    config = {
        "experiment": freezing.frozen_experiment(experiment),
        "study": {"name": study.name, "params": with_key(study.model_dump(mode="json"), judged_by)},
        "grader": {**freezing.frozen_plugin(grader), "key": grader_key(grader)},
        "verifiers": [freezing.frozen_verifier(verifier) for verifier in judged_by],
        "decoding": decoding.model_dump(mode="json"),
        "dataset": freezing.frozen_dataset(experiment.dataset, len(problems)),
        "conditions": [freezing.frozen_condition(condition) for condition in conditions],
        "prompts": [freezing.frozen_variant(name, variant) for name, variant in variants.items()],
        "language_models": [freezing.frozen_model(entry, ready[name]) for name, entry in entries.items()],
        "demonstrations": [frozen_demonstration(each) for each in demonstrations],
        **({"ring": ring} if ring else {}),
        **({"problems": [problem.key for problem in problems]} if study.is_adaptive else {}),
        "repeats": experiment.repeats,
        "reuses_answers": experiment.reuses_answers,
        "seed": experiment.seed,
        "versions": freezing.versions(),
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
        AuditEntry.objects.record(user, AuditEntry.Action.RUN_STARTED, run, experiment=str(experiment), is_pilot=run.is_pilot)
        placing.place_after_commit()
    return run


def decoding_from(params: dict) -> Decoding:
    """Raises InvalidInput naming the option and its bound."""
    try:
        return Decoding.model_validate(params)
    except ValueError as error:
        raise InvalidInput(f"Decoding: {explain(error, Decoding)}") from None
