"""A log of another tool becomes a finished run: dataset, prompts, conditions, answers and marks, whole or not at all."""

from collections import Counter, defaultdict
from hashlib import sha256

from django.db import transaction

from ..domain.errors import InvalidInput, TemplateError
from ..domain.templating import check
from ..domain.types import ProblemDraft
from ..models import (
    Attempt,
    AuditEntry,
    Condition,
    Dataset,
    Experiment,
    Grade,
    LanguageModel,
    Problem,
    Prompt,
    Run,
    Sample,
    User,
    Variant,
    clock,
)
from ..sources.logs.base import Log, Record
from ..sources.logs.reading import read_log
from .imported_config import GRADER, STUDY, condition_config, imported_config, shortened

#: An entry that fails whoever asks it: what it said is in the log, and nothing more is to be had.
_CANNOT_BE_ASKED = {"answers": ["This model is known from an imported log only."], "permanent_failures": 1.0}
_PLAIN = "{{ question }}"

Cell = tuple[str, str]


def import_log(content: bytes, file_name: str, user: User | None, model: str = "") -> Run:
    """The completed run. `model` names the language model where the log does not.

    Raises InvalidInput for a file that cannot be read, was imported before, or has answers without a mark.
    """
    digest = sha256(content).hexdigest()
    known = Run.objects.visible_to(user).filter(config__imported__sha256=digest).first()
    if known:
        raise InvalidInput(f"This file was imported before: it is run {known.pk}. Nothing was imported.")
    log = read_log(content, file_name)
    pools = _pools(log, model.strip())
    with transaction.atomic():
        run = _store(log, pools, file_name, digest, user)
        AuditEntry.objects.record(user, AuditEntry.Action.RUN_IMPORTED, run, file=file_name)
    return run


def _pools(log: Log, model: str) -> dict[Cell, dict[str, list[Record]]]:
    """(model, prompt) -> problem -> its answers, in the log's order."""
    found: dict[Cell, dict[str, list[Record]]] = defaultdict(lambda: defaultdict(list))
    for record in log.records:
        name = record.model or model
        if not name:
            raise InvalidInput("The log does not name its language model. Enter the name under “Model”.")
        if record.is_right is None and not record.error:
            raise InvalidInput(
                f"The answer to problem “{record.problem}” has no mark from 0 to 1. Score the log with its tool first. "
                "Nothing was imported."
            )
        found[name, record.prompt][record.problem].append(record)
    return found


def _store(log: Log, pools: dict[Cell, dict[str, list[Record]]], file_name: str, digest: str, user: User | None) -> Run:
    name = shortened(f"{log.name} (imported)", 180)
    drafts = _drafts(log)
    dataset = Dataset.objects.store(name, drafts, source="log", source_params={"tool": log.tool, "file": file_name}, author=user)
    problems = {problem.key: problem for problem in dataset.problems.all()}
    variants = _variants(log, name, list(problems.values()), user)
    entries = {model: _language_model(model) for model, _ in pools}
    n = max(len(answers) for pool in pools.values() for answers in pool.values())
    experiment = _experiment(name, dataset, n, user)
    experiment.variants.set(variants.values())
    experiment.language_models.set(entries.values())
    config = imported_config(log, file_name, digest, experiment, dataset, list(variants.values()), list(entries.values()))
    now = clock.read()
    run = Run.objects.create(
        experiment=experiment,
        state=Run.State.COMPLETED,
        config=config,
        seed=0,
        started_by=user,
        started_at=now,
        finished_at=now,
        n_attempts=sum(map(len, pools.values())),
        n_attempts_done=sum(map(len, pools.values())),
        **_counters(log.records),
    )
    models, prompts = list(entries), list(variants)
    conditions = [
        Condition(
            run=run,
            position=position,
            key=f"model{models.index(model) + 1}-variant{prompts.index(prompt) + 1}",
            label=shortened(f"{model}, {prompt}", 300),
            language_model=entries[model],
            variant=variants[prompt],
            decoding={},
            strategy="pool",
            strategy_params={"n": n},
        )
        for position, (model, prompt) in enumerate(pools)
    ]
    Condition.objects.bulk_create(conditions)
    run.config["conditions"] = [condition_config(condition) for condition in conditions]
    run.save(update_fields=["config"])
    _store_answers(run, list(zip(conditions, pools.values(), strict=True)), problems)
    return run


def _drafts(log: Log) -> list[ProblemDraft]:
    """Each problem once. Raises InvalidInput where one name stands for two."""
    drafts: dict[str, ProblemDraft] = {}
    for record in log.records:
        key = shortened(record.problem, 200)
        draft = ProblemDraft(key, record.question, record.targets, record.choices, record.metadata)
        first = drafts.setdefault(key, draft)
        if (first.question, first.answers) != (draft.question, draft.answers):
            raise InvalidInput(f"Problem “{record.problem}” asks for different things in the log. Nothing was imported.")
    return list(drafts.values())


def _variants(log: Log, name: str, problems: list[Problem], user: User | None) -> dict[str, Variant]:
    """By the prompt's label. A template in another language than ours stands for what was asked, the question."""
    prompt, _ = Prompt.objects.get_or_create(name=name, defaults={"archived": True})
    templates: dict[str, str] = {}
    for record in log.records:
        templates.setdefault(record.prompt, record.template)
    found = {}
    for label, template in templates.items():
        try:
            for problem in problems:
                check(template, problem.slots)
        except TemplateError:
            template = _PLAIN
        found[label] = Variant.objects.write(prompt, shortened(label, 100), "", template, author=user)
    return found


def _language_model(name: str) -> LanguageModel:
    defaults = {"backend": "scripted", "params": _CANNOT_BE_ASKED, "archived": True}
    return LanguageModel.objects.get_or_create(name=shortened(f"{name} (imported)", 200), defaults=defaults)[0]


def _experiment(name: str, dataset: Dataset, n: int, user: User | None) -> Experiment:
    names = (f"{name}{'' if number == 1 else f' {number}'}" for number in range(1, 10_000))
    return Experiment.objects.create(
        name=next(each for each in names if not Experiment.objects.filter(name=each).exists()),
        study=STUDY,
        study_params={"n": n},
        dataset=dataset,
        grader=GRADER,
        owner=user,
        archived=True,
    )


def _counters(records: tuple[Record, ...]) -> dict[str, int | float]:
    return {
        "n_samples_planned": len(records),
        "n_samples": len(records),
        "n_samples_failed": sum(bool(record.error) for record in records),
        "n_cut_off": sum(record.is_cut_off and not record.error for record in records),
        "n_graded": sum(not record.error for record in records),
        "n_correct": sum(bool(record.is_right) and not record.error for record in records),
        "prompt_tokens": sum(record.prompt_tokens for record in records),
        "completion_tokens": sum(record.completion_tokens for record in records),
        "cost": sum(record.cost for record in records),
    }


def _store_answers(run: Run, arms: list[tuple[Condition, dict[str, list[Record]]]], problems: dict[str, Problem]) -> None:
    cells = [(condition, key, answers) for condition, pool in arms for key, answers in pool.items()]
    attempts = [
        Attempt(
            run=run,
            condition=condition,
            problem=problems[shortened(key, 200)],
            position=position,
            state=Attempt.State.DONE,
            finished_at=run.finished_at,
            n_samples=len(answers),
            n_correct=sum(bool(record.is_right) and not record.error for record in answers),
            n_cut_off=sum(record.is_cut_off and not record.error for record in answers),
            **_votes(answers),
        )
        for position, (condition, key, answers) in enumerate(cells)
    ]
    Attempt.objects.bulk_create(attempts, batch_size=1000)
    samples, records = [], []
    for attempt, (_, _, answers) in zip(attempts, cells, strict=True):
        for index, record in enumerate(answers):
            samples.append(_sample(run, attempt, index, len(samples), record))
            records.append(record)
    Sample.objects.bulk_create(samples, batch_size=500)
    grader = run.config["grader"]["key"]
    grades = [_grade(run, sample, grader, record) for sample, record in zip(samples, records, strict=True)]
    Grade.objects.bulk_create(grades, batch_size=1000)


def _sample(run: Run, attempt: Attempt, index: int, seed: int, record: Record) -> Sample:
    """Its seed is only a number of its own: the log tells none."""
    reasons = Sample.FinishReason
    reason = reasons.FAILED if record.error else reasons.LENGTH if record.is_cut_off else reasons.STOP
    return Sample(
        run=run,
        attempt=attempt,
        request_hash=sha256(record.question.encode()).hexdigest()[:32],
        occurrence=index,
        index=index,
        seed=seed,
        text=record.text,
        finish_reason=reason,
        error=record.error,
        prompt_tokens=record.prompt_tokens,
        completion_tokens=record.completion_tokens,
        seconds=record.seconds,
        cost=record.cost,
        created_at=run.finished_at,
    )


def _grade(run: Run, sample: Sample, grader: str, record: Record) -> Grade:
    verdicts = Grade.Verdict
    verdict = verdicts.FAILED if record.error else verdicts.CORRECT if record.is_right else verdicts.WRONG
    return Grade(
        run=run,
        sample=sample,
        grader=grader,
        verdict=verdict,
        score=None if record.error else record.score,
        extracted=record.extracted,
        canonical=None if record.error else _canonical(record),
        explanation=record.explanation,
    )


def _votes(answers: list[Record]) -> dict[str, int | None]:
    """The attempt's columns on what votes together, as `judging` sums them up."""
    voting = [record for record in answers if not record.error and _canonical(record)]
    votes = Counter(map(_canonical, voting))
    right = {_canonical(record) for record in voting if record.is_right}
    best_right = max((n for answer, n in votes.items() if answer in right), default=0)
    best_wrong = max((n for answer, n in votes.items() if answer not in right), default=0)
    return {"n_answers": len(votes), "vote_margin": best_right - best_wrong if votes else None}


def _canonical(record: Record) -> str | None:
    """What votes together: the answer that the tool took out of the text, or the text."""
    return (record.extracted or record.text).strip() or None
