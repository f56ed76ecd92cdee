"""Answers that earlier runs were given to the very same requests, for experiments that say they may be used again.

The same request is the same model as it is set up now, the same messages and decoding, and the same seed. Seeds are made
of the run's seed, condition, problem, repeat and draw, so two draws of one run never share an answer. No text gets to
readers who may not know of the run that it comes from.
"""

from ..models import Attempt, Experiment, Run, Sample

Answers = dict[tuple[str, int], Sample]


def reusable_answers(run: Run, attempts: list[Attempt]) -> dict[int, Answers]:
    """By attempt, what is known by request hash and seed; nothing where the run was not told to reuse answers."""
    if not run.config.get("reuses_answers"):
        return {}
    alike: dict[int, dict[str, dict]] = {}
    return {attempt.pk: _answers(run, attempt, alike) for attempt in attempts}


def copy_of(known: Sample, **place) -> Sample:
    """The answer as a sample of its own elsewhere, at no cost and with where it came from."""
    fields = {field.attname: getattr(known, field.attname) for field in Sample._meta.concrete_fields if not field.primary_key}
    free = {"cost": 0.0, "n_calls": 0, "seconds": 0.0, "seconds_to_first_token": 0.0}
    return Sample(**{**fields, **free, **place, "reused_from_id": known.reused_from_id or known.pk})


def _answers(run: Run, attempt: Attempt, fingerprints: dict[int, dict[str, dict]]) -> Answers:
    """`fingerprints` are those seen so far, by run and model."""
    alike = Run.objects.filter(seed=run.seed, experiment__in=Experiment.objects.as_open_as(run.experiment).values("pk"))
    found = (
        Sample.objects.filter(
            run__in=alike.values("pk"),
            attempt__problem=attempt.problem_id,
            attempt__repeat=attempt.repeat,
            attempt__condition__key=attempt.condition.key,
            attempt__condition__language_model=attempt.condition.language_model_id,
        )
        .exclude(run=run)
        .exclude(finish_reason=Sample.FinishReason.FAILED)
        .filter(run__text_removal=None)
        .order_by("-pk")
    )
    rows = list(found)
    missing = {row.run_id for row in rows} | {run.pk}
    for pk, config in Run.objects.filter(pk__in=missing - fingerprints.keys()).values_list("pk", "config"):
        fingerprints[pk] = {each["name"]: each["fingerprint"] for each in config["language_models"]}
    name = _name_of_model(run, attempt)
    mine = fingerprints[run.pk][name]
    # The oldest one last, so that it is the one that stays.
    return {(row.request_hash, row.seed): row for row in rows if fingerprints[row.run_id].get(name) == mine}


def _name_of_model(run: Run, attempt: Attempt) -> str:
    """As the run froze it."""
    return next(each["language_model"] for each in run.config["conditions"] if each["key"] == attempt.condition.key)
