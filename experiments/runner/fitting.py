"""Whether the parts of a plan go together: wordings with problems, conditions with the language models that answer them."""

from ..domain import templating
from ..domain.errors import AssayError, InvalidInput, TemplateError
from ..domain.types import ConditionSpec, Demonstration
from ..inference.base import Backend, backends
from ..models import LanguageModel, Problem, Variant
from ..strategies.base import Strategy, strategies
from ..treatments.base import treatments
from ..treatments.rendering import rendered
from ..verifiers.base import Verifier
from .serving import Serving
from .verifier_keys import verifier_key


def check_templates(variants: dict[str, Variant], problems: list[Problem]) -> None:
    """Every slot is filled on every problem. Raises InvalidInput naming the variant, the problem and the place."""
    for name, variant in variants.items():
        for part in (variant.system, variant.template):
            for problem in problems:
                try:
                    templating.render(part, problem.slots)
                except TemplateError as error:
                    raise InvalidInput(f"Variant “{name}” does not fit problem “{problem.key}”: {error}") from None


def check_treatments(
    conditions: list[ConditionSpec],
    variants: dict[str, Variant],
    problems: list[Problem],
    demonstrations: list[Demonstration],
    seed: int,
    ring: list[dict],
) -> None:
    """Try each on every problem that it will be applied to. Raises InvalidInput naming the condition and the problem."""
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


def check_conditions(
    conditions: list[ConditionSpec], variants: dict[str, Variant], judged_by: list[Verifier], serving: dict[str, Serving]
) -> None:
    """Each condition's language model can do what its strategy, decoding and wording ask. Raises InvalidInput."""
    for condition in conditions:
        answering = serving[condition.language_model]
        method = strategies.build(condition.strategy.name, condition.strategy.params)
        answering.check_writes()
        answering.check_method(method)
        _check_verifiers_used(method, judged_by)
        answering.check_decoding(condition.decoding)
        if variants[condition.variant].system:
            answering.check_system(f"Variant “{condition.variant}” has a system message")
        elif condition.treatment and treatments.build(condition.treatment.name, condition.treatment.params).writes_system:
            answering.check_system(f"Condition “{condition.label}” writes a system message")


def _check_verifiers_used(method: Strategy, judged_by: list[Verifier]) -> None:
    known = [verifier.name for verifier in judged_by] + [verifier_key(verifier) for verifier in judged_by]
    if missing := sorted(method.verifiers_used - set(known)):
        raise InvalidInput(f"“{method.label}” asks for scores by “{missing[0]}”: add that verifier to the experiment.")
