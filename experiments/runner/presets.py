"""Experiments that are ready to run beside the demo, on its problems and its model."""

from typing import Any

from django.db import transaction

from ..models import Experiment
from . import demo


@transaction.atomic
def load_preset(name: str) -> Experiment:
    """The experiment of that name in PRESETS, or the demo, with all it needs. What is there already stays as it is."""
    basis = demo.load_demo()
    known = Experiment.objects.filter(name=name).first()
    if known:
        return known
    experiment = Experiment.objects.create(
        name=name,
        dataset=basis.dataset,
        **{field: getattr(basis, field) for field in ("grader", "grader_params", "verifiers", "decoding", "seed")}
        | PRESETS[name],
    )
    experiment.variants.set(basis.variants.all())
    experiment.language_models.set(basis.language_models.all())
    return experiment


def names() -> list[str]:
    return [demo.EXPERIMENT, *PRESETS]


#: Name -> what differs from the demo.
PRESETS: dict[str, dict[str, Any]] = {
    "strategies": {
        "description": "Eight ways of spending 256 tokens on a sum, each against best-of-N that has cost as much.",
        "study": "test_time_compute",
        "study_params": {
            "strategies": [
                *("self_consistency", "step_best_of_n", "beam_search", "dvts"),
                *("mcts", "particle_filter", "revisions", "self_refine"),
            ],
            "budgets": [8],
            "token_budgets": [256],
            "pool_n": 48,
            "separators": ["\n"],
            "step_tokens": 16,
            "max_steps": 6,
        },
        "decoding": {"temperature": 0.8, "max_tokens": 64},
    },
    "brevity": {
        "description": "What is saved, and what lost, by asking for at most ten words?",
        "study": "brevity",
        "study_params": {"words": 10, "n": 4},
        "decoding": {"temperature": 0.8, "max_tokens": 64},
    },
    "temperatures": {
        "description": "Temperature and top-p, for a single sample, a vote and two searches over steps.",
        "study": "test_time_compute",
        "study_params": {
            "strategies": ["step_best_of_n", "beam_search"],
            "budgets": [8],
            "token_budgets": [256],
            "pool_n": 16,
            "separators": ["\n"],
            "step_tokens": 16,
            "max_steps": 6,
            "temperatures": [0.6, 0.8, 1.0],
            "top_ps": [0.6, 0.9, 1.0],
        },
        "decoding": {"temperature": 0.8, "max_tokens": 64},
    },
    "loops": {
        "description": "Repair, self-refine and HEART with its controls, beside independent repeats; width against depth.",
        "study": "test_time_compute",
        "study_params": {
            "strategies": ["repair", "repair_oracle", "self_refine", "heart", "heart_oracle"],
            "pool_n": 16,
            "overrides": {
                "repair": [{"chains": 1, "depth": 6}, {"chains": 2, "depth": 3}, {"chains": 3, "depth": 2}],
                "repair_oracle": {"depth": 6},
                "self_refine": {"depth": 6},
                "heart": [{"schedule": schedule, "depth": 6} for schedule in ("cycle", "neutral", "resample")],
                "heart_oracle": [{"schedule": schedule, "depth": 6} for schedule in ("cycle", "neutral", "resample")],
            },
        },
        "decoding": {"temperature": 0.8, "max_tokens": 32},
    },
    "stopping": {
        "description": "Drawing until the vote is settled, until an answer is good enough, and pruning answers that begin badly.",
        "study": "test_time_compute",
        "study_params": {
            "strategies": ["adaptive_consistency", "stop_at_score", "restart_question", "early_pruning"],
            "budgets": [16],
            "pool_n": 32,
            "overrides": {"early_pruning": {"tokens": 16}},
        },
        "decoding": {"temperature": 0.8, "max_tokens": 64},
    },
}
