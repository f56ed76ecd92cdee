"""What makes two archives the same run: its frozen plan and the moment at which it was made, to the microsecond."""

import hashlib
import json
from copy import deepcopy
from datetime import UTC, datetime
from typing import Any

from ...models import Run


def portable_config(config: dict[str, Any]) -> dict[str, Any]:
    """The frozen config without row numbers, which mean nothing elsewhere."""
    found = deepcopy(config)
    for place in (found["experiment"], found["dataset"], *found["prompts"]):
        place.pop("id", None)
    return found


def fingerprint(portable: dict[str, Any], seed: int, created_at: datetime) -> str:
    """The same before and after a run went on, was regraded or annotated."""
    content = json.dumps([portable, seed, created_at.astimezone(UTC).isoformat()], sort_keys=True)
    return hashlib.sha256(content.encode()).hexdigest()


def restored_before(wanted: str, created_at: datetime) -> Run | None:
    """The run that is here already with this fingerprint."""
    for run in Run.objects.filter(created_at=created_at):
        if fingerprint(portable_config(run.config), run.seed, run.created_at) == wanted:
            return run
    return None
