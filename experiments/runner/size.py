"""How big a run of an experiment would be, from its options and counts alone: no problem is read, no model asked."""

from dataclasses import dataclass

from ..models import Experiment
from ..strategies.base import strategies
from ..studies.base import studies
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
    n_problems = min(experiment.dataset.n_problems, experiment.max_problems or experiment.dataset.n_problems)
    language_models = [entry.name for entry in experiment.language_models.all()]
    variants = [str(variant) for variant in experiment.variants.all()]
    study = studies.build(experiment.study, experiment.study_params)
    conditions = study.lay_out(language_models, variants, decoding_from(experiment.decoding))
    per_problem = sum(strategies.build(each.strategy.name, each.strategy.params).samples_per_attempt for each in conditions)
    return PlanSize(n_problems, len(conditions), experiment.repeats, n_problems * experiment.repeats * per_problem)
