"""Which analyses a study of pools runs, and with which options."""

from collections.abc import Mapping, Sequence
from typing import Any

from ..domain.errors import AssayError
from .analyses.base import Analysis, Examined, analyses
from .base import Finding

ALL = "all"


def build_analyses(names: Sequence[str], options: Mapping[str, Mapping[str, Any]]) -> list[Analysis]:
    """Those named, or all; with their options. Raises ValueError in words for an unknown name or a wrong option."""
    try:
        chosen = analyses.names() if ALL in names else [analyses.get(name).name for name in names]
        for name in options:
            analyses.get(name)
        return [analyses.build(name, dict(options.get(name, {}))) for name in dict.fromkeys(chosen)]
    except AssayError as error:
        raise ValueError(str(error)) from None


def analysis_findings(conditions: Sequence[Examined], chosen: Sequence[Analysis], say_each: bool) -> list[Finding]:
    """A finding for each analysis that some condition has enough for.

    The others say what they lack: each for itself where they were asked for by name, else all in one sentence.
    """
    found, left_out = [], []
    for analysis in chosen:
        missing = analysis.missing(conditions)
        if missing and not say_each:
            left_out.append(f"{analysis.label} (needs {' and '.join(missing)})")
        else:
            found.append(analysis.finding(conditions))
    if left_out:
        found.append(Finding("left_out", "Not computed", f"Not computed: {'; '.join(left_out)}."))
    return found
