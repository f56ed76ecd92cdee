"""A study's findings as of what is stored, kept as rows so that pages only read them."""

import json
from dataclasses import asdict

from django.db import transaction

from ..domain.seeds import rng
from ..models import Finding, Run
from ..studies.base import Finding as StudyFinding
from ..studies.base import studies
from .outcomes import OutcomeStore
from .pools import PoolStore


class FindingsRefresher:
    """Keeps one run's findings up to date. Keep it as long as the run is live: what it loaded is not loaded again.

    The same stored samples give the same findings, bit for bit: the study's random numbers come from the run's seed.
    """

    def __init__(self, run_id: int):
        self._run = Run.objects.get(pk=run_id)
        config = self._run.config["study"]
        self._study = studies.build(config["name"], config["params"])
        self._store = PoolStore(self._run)
        self._outcomes = OutcomeStore(self._run) if self._study.reads_outcomes else None
        self._is_first = True

    def refresh(self) -> bool:
        """Recompute and store if attempts were completed since the last call. Returns whether it stored anything.

        What a study raises is passed on: a bug in it is no reason to lose a run, and that is for the caller to see to.
        """
        if not self._store.update() and not self._is_first:
            return False
        self._find()
        # Of two workers that found at once, the one that had read less may have stored last. That matters where nobody
        # will look again.
        while self._is_over() and self._store.update():
            self._find()
        return True

    def _is_over(self) -> bool:
        return Run.objects.only("state").get(pk=self._run.pk).is_finished

    def _find(self) -> None:
        conditions = self._store.condition_pools()
        if self._outcomes:
            conditions = self._outcomes.beside(conditions)
        found = self._study.findings(conditions, rng(self._run.seed, "findings"))
        self._save([_row(finding, position) for position, finding in enumerate(found)])
        self._is_first = False

    @transaction.atomic
    def _save(self, rows: list[dict]) -> None:
        self._run.findings.exclude(key__in=[row["key"] for row in rows]).delete()
        for row in rows:
            Finding.objects.update_or_create(run=self._run, key=row.pop("key"), defaults=row)
        Run.objects.change(self._run.pk)


def refresh(run_id: int) -> None:
    """Bring a run's findings up to date once."""
    FindingsRefresher(run_id).refresh()


def _row(finding: StudyFinding, position: int) -> dict:
    """The finding as the columns of its row. Raises ValueError for a NaN, which no browser could read."""
    content = {**asdict(finding), "position": position}
    json.dumps(content, allow_nan=False)
    return content
