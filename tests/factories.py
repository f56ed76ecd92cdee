"""Plain factories: each makes one row, or one small world, with readable defaults and a fresh name."""

import itertools

from django.utils import timezone

from experiments.domain.types import ProblemDraft
from experiments.models import (
    Attempt,
    Dataset,
    Experiment,
    Grade,
    LanguageModel,
    Prompt,
    Run,
    Sample,
    User,
    Variant,
    VerifierScore,
)
from experiments.runner.planning import create_run

_numbers = itertools.count(1)


def make_user(role: str = User.Role.EDITOR, name: str = "", password: str | None = None) -> User:
    return User.objects.create_user(name or f"user{next(_numbers)}", password=password, role=role)


def make_dataset(n: int = 3, name: str = "") -> Dataset:
    """Sums: problem p0 asks "0 + 3 =", whose answer is 3."""
    drafts = [ProblemDraft(key=f"p{i}", question=f"{i} + 3 =", answers=(str(i + 3),)) for i in range(n)]
    return Dataset.objects.store(name or f"sums {next(_numbers)}", drafts, source="test", source_params={})


def make_variant(template: str = "What is {{ question }}", system: str = "", name: str = "plain") -> Variant:
    prompt = Prompt.objects.create(name=f"prompt {next(_numbers)}")
    return Variant.objects.write(prompt, name, system, template)


def make_language_model(name: str = "", **script) -> LanguageModel:
    """A scripted one; `script` are the backend's options. By default it answers "3" and "4" half of the time each."""
    params = {"answers": ["The answer is 3.", "The answer is 4."], **script}
    return LanguageModel.objects.create(name=name or f"script {next(_numbers)}", backend="scripted", params=params)


def make_experiment(
    n: int = 4,
    problems: int = 3,
    language_models: list[LanguageModel] | None = None,
    variants: list[Variant] | None = None,
    **fields,
) -> Experiment:
    """Best of `n` on sums with one variant and one scripted language model."""
    defaults = {
        "name": f"experiment {next(_numbers)}",
        "study": "best_of_n",
        "study_params": {"n": n},
        "decoding": {"temperature": 0.8, "max_tokens": 64},
        "grader": "numeric",
        "verifiers": [{"name": "mean_logprob", "params": {}}],
        "seed": 7,
    }
    dataset = fields.pop("dataset", None) or make_dataset(problems)
    experiment = Experiment.objects.create(dataset=dataset, **{**defaults, **fields})
    experiment.language_models.set(language_models or [make_language_model()])
    experiment.variants.set(variants or [make_variant()])
    return experiment


def make_run(experiment: Experiment | None = None, user: User | None = None, **fields) -> Run:
    """A queued run of the experiment; `fields` go to `make_experiment`."""
    return create_run(experiment or make_experiment(**fields), user)


def make_sample(
    attempt: Attempt, index: int = 0, text: str = "The answer is 3.", verdict: str | None = "correct", **fields
) -> Sample:
    """A stored sample, graded with `verdict` (None leaves it ungraded). Counters of run and attempt are left alone."""
    defaults = {
        "request_hash": "0" * 32,
        "occurrence": index,
        "seed": index,
        "finish_reason": "stop",
        "prompt_tokens": 10,
        "completion_tokens": 5,
        "mean_logprob": -0.5,
        "logprobs": Sample.pack_logprobs((-0.5,) * 5),
        "created_at": timezone.now(),
    }
    canonical = fields.pop("canonical", text.rstrip(".").split()[-1] if text.strip() else None)
    sample = Sample.objects.create(run_id=attempt.run_id, attempt=attempt, index=index, text=text, **{**defaults, **fields})
    config = attempt.run.config
    for verifier in config["verifiers"]:
        VerifierScore.objects.create(sample=sample, verifier=verifier["key"], score=sample.mean_logprob)
    if verdict is not None:
        judged = verdict in ("correct", "wrong")
        Grade.objects.create(
            run_id=attempt.run_id,
            sample=sample,
            grader=config["grader"]["key"],
            verdict=verdict,
            score=float(verdict == "correct") if judged else None,
            extracted=canonical if judged else None,
            canonical=canonical if judged else None,
            explanation="made by a factory",
        )
    return sample
