"""What an exported file cannot say about itself: where it comes from, how it was made, and what should be in it."""

import hashlib
import json
from typing import Any

from django.db.models import Count

from ..models import Grade, Run
from .export_columns import COLUMNS

_COUNTS = (
    *("n_attempts", "n_attempts_done", "n_attempts_failed", "n_samples_planned", "n_samples", "n_samples_failed"),
    *("n_cut_off", "prompt_tokens", "cached_tokens", "completion_tokens", "reasoning_tokens"),
    *("n_reused", "n_usage_estimated", "n_calls", "n_calls_failed", "n_calls_cut", "cost"),
)


def manifest(run: Run) -> dict[str, Any]:
    """Plain JSON: the run's state and counts, samples by verdict, the columns, and the frozen config with its hash.

    The config holds the texts, parameters, content hashes, model fingerprints, library versions and the seed.
    """
    return {
        "run": run.pk,
        "experiment": run.config["experiment"]["name"],
        "state": run.state,
        "reason": run.reason,
        "created_at": _moment(run.created_at),
        "started_at": _moment(run.started_at),
        "finished_at": _moment(run.finished_at),
        "counts": {name: getattr(run, name) for name in _COUNTS},
        "verdicts": verdict_counts(run),
        "columns": {column.name: column.meaning for column in COLUMNS},
        "config_sha256": config_hash(run),
        "config": run.config,
    }


def verdict_counts(run: Run) -> dict[str, int]:
    """How many samples have each verdict of the run's grader, in the order of the vocabulary; those without one come last."""
    grades = Grade.objects.filter(run=run, grader=run.config["grader"]["key"])
    found = dict(grades.values_list("verdict").annotate(n=Count("pk")).order_by())
    counts = {verdict: found.get(verdict, 0) for verdict in Grade.Verdict.values}
    return {**counts, "not_graded": run.samples.count() - sum(counts.values())}


def config_hash(run: Run) -> str:
    """SHA-256 of the config as JSON with sorted keys and no blanks: equal for runs of the same frozen plan."""
    text = json.dumps(run.config, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _moment(at) -> str | None:
    return at and at.isoformat()
