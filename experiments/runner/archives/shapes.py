"""The shape that pages and runners rely on inside an archive's JSON columns. What else is there stays as it is."""

from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError


class _Shape(BaseModel):
    model_config = ConfigDict(extra="allow", strict=True)


class _Plugin(_Shape):
    name: str
    params: dict[str, Any]


class _Keyed(_Plugin):
    key: str


class _Experiment(_Shape):
    name: str
    description: str


class _Dataset(_Shape):
    name: str
    version: int
    content_hash: str
    n_problems: int


class _Condition(_Shape):
    key: str
    label: str
    language_model: str
    variant: str
    decoding: dict[str, Any]
    strategy: _Plugin
    treatment: _Plugin | None = None


class _Prompt(_Shape):
    variant: str
    system: str
    template: str
    content_hash: str


class _LanguageModel(_Shape):
    name: str
    backend: str
    params: dict[str, Any]
    n_parameters: int | None
    fingerprint: dict[str, Any]
    truth: dict[str, Any] | None


class _Shown(_Shape):
    key: str
    slots: dict[str, str]
    choices: list[str]
    answers: list[str]


class RunConfig(_Shape):
    """What planning freezes, as `planning.plan_run` lays it out."""

    experiment: _Experiment
    study: _Plugin
    grader: _Keyed
    verifiers: list[_Keyed]
    decoding: dict[str, Any]
    dataset: _Dataset
    conditions: list[_Condition]
    prompts: list[_Prompt]
    language_models: list[_LanguageModel]
    demonstrations: list[_Shown] = []
    ring: list[_Shown] = []
    problems: list[str] = []
    repeats: int
    seed: int
    versions: dict[str, str]


class ScoringConfig(_Shape):
    """What a scoring freezes of itself."""

    verifiers: list[_Keyed]
    language_models: list[_LanguageModel]


class _Choice(_Shape):
    how: str
    texts_per_attempt: int
    at_most: int | None
    n_found: int


class _Criterion(_Shape):
    key: str
    title: str
    low: int
    high: int


class ReviewColumns(_Shape):
    """What a review set says of how its texts were chosen and what is asked about them."""

    conditions: list[str]
    choice: _Choice
    rubric: list[_Criterion]


def misfit(shape: type[BaseModel], value: dict[str, Any]) -> str:
    """What is wrong with the value, as the rest of a sentence; empty if nothing is."""
    try:
        shape.model_validate(value)
    except ValidationError as error:
        first = error.errors()[0]
        return f"{'.'.join(map(str, first['loc']))[:200]} {first['msg'][:200].lower()}"
    return ""
