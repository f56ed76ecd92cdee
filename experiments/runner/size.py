"""How big a run would be, from options and counts alone: no problem is read, no model asked."""

from collections.abc import Sequence
from dataclasses import dataclass

from ..domain.types import Decoding
from ..models import Dataset, Experiment
from ..strategies.base import strategies
from ..studies.base import Study, studies
from .laying_out import lay_out
from .planning import decoding_from


@dataclass(frozen=True)
class PlanSize:
    """`n_samples` is what an undisturbed run ends with."""

    n_problems: int
    n_conditions: int
    repeats: int
    n_samples: int


def size_of(experiment: Experiment) -> PlanSize:
    """Raises InvalidInput where the options cannot be laid out as a design."""
    return size_of_design(
        studies.build(experiment.study, experiment.study_params),
        language_models=[entry.name for entry in experiment.language_models.all()],
        variants=[str(variant) for variant in experiment.variants.all()],
        decoding=decoding_from(experiment.decoding),
        dataset=experiment.dataset,
        max_problems=experiment.max_problems,
        repeats=experiment.repeats,
    )


def size_of_design(
    study: Study,
    *,
    language_models: Sequence[str],
    variants: Sequence[str],
    decoding: Decoding,
    dataset: Dataset,
    max_problems: int | None,
    repeats: int,
) -> PlanSize:
    """The size before anything is stored. Raises InvalidInput as the study's `lay_out` does."""
    conditions = lay_out(study, language_models, variants, decoding)
    n_samples = [strategies.build(each.strategy.name, each.strategy.params).samples_per_attempt for each in conditions]
    n_problems = min(dataset.n_problems, max_problems or dataset.n_problems)
    asks_each = study.n_asks(len(conditions), n_problems) / len(conditions)
    return PlanSize(n_problems, len(conditions), repeats, round(asks_each * repeats * sum(n_samples)))
