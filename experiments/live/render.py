"""Changes of a run as one message to its pages: the same partials that the full page is made of, to be swapped by id."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.template.loader import render_to_string

from ..models import Attempt, Run, clock
from ..reports.cards import Card, wall
from ..reports.changes import Cursor, changes_since, head
from ..reports.drawings import drawing_of, drawn_attempt
from ..reports.problem_rows import problem_rows
from ..reports.progress import progress
from ..reports.shown_figures import shown_figures
from ..reports.standing import standing

# Catching up sends at most this many problem rows; a page further behind is loaded again.
MOST_ROWS_CAUGHT_UP = 200


@dataclass(frozen=True)
class Message:
    """What one send carries. `text` is JSON: cursor, samples (numbers stored since), html, figures; or resync."""

    cursor: Cursor
    text: str


@dataclass(frozen=True)
class Parts:
    """Pieces of the page by element id, and Plotly figures by the key of their finding."""

    html: dict[str, str] = field(default_factory=dict)
    figures: dict[str, dict] = field(default_factory=dict)

    def add(self, others: "Parts") -> None:
        self.html.update(others.html)
        self.figures.update(others.figures)


def message(cursor: Cursor, samples: Iterable[int] = (), parts: Parts | None = None) -> Message:
    """One message from rendered pieces."""
    parts = parts or Parts()
    content = {"cursor": str(cursor), "samples": list(samples), "html": "".join(parts.html.values()), "figures": parts.figures}
    return Message(cursor, json.dumps(content, separators=(",", ":")))


def resync(cursor: Cursor) -> Message:
    """Tells the page to load its content again and to go on from there."""
    return Message(cursor, json.dumps({"cursor": str(cursor), "resync": True}))


def catch_up(run_id: int, cursor: Cursor | None) -> Message:
    """Everything that a page at `cursor` has not seen; None is a page whose cursor nobody can read."""
    changes = changes_since(run_id, cursor) if cursor else None
    if changes is None or len(changes.attempts) > MOST_ROWS_CAUGHT_UP:
        return resync(head(run_id) or Cursor())
    if changes.cursor == cursor:
        return message(cursor)
    run = fetch(run_id)
    parts = present(run)
    parts.add(cards(run, wall(run)))
    parts.add(rows(run, changes.attempts))
    if shown := drawn_attempt(run):
        parts.add(drawing(run, shown))
    if changes.run_changed:
        parts.add(findings(run))
    return message(changes.cursor, changes.samples, parts)


def fetch(run_id: int) -> Run:
    return Run.objects.select_related("experiment").get(pk=run_id)


def present(run: Run) -> Parts:
    """What belongs to this moment: how the run stands and how far it is."""
    now = clock.read()
    return Parts(
        {
            "run-pill": render_to_string("runs/_pill.html", {"run": run}),
            "run-standing": render_to_string("runs/_standing.html", {"standing": standing(run, now)}),
            "run-progress": render_to_string("runs/_progress.html", {"run": run, "progress": progress(run, now)}),
        }
    )


def cards(run: Run, shown: Iterable[Card]) -> Parts:
    """Cards of the wall."""
    return Parts({f"card-{card.place}": render_to_string("runs/_card.html", {"run": run, "card": card}) for card in shown})


def drawing(run: Run, shown: Attempt) -> Parts:
    """The tree or the chains of one attempt; what is folded is left out, its own page has it."""
    context = {"run": run, "drawing": drawing_of(run, shown, brief=True), "brief": True}
    return Parts({"drawing": render_to_string("runs/_drawing.html", context)})


def findings(run: Run) -> Parts:
    """The findings' sentences, numbers and figures."""
    found = list(run.findings.all())
    html = {"findings": render_to_string("runs/_findings.html", {"run": run, "findings": found})}
    figures = {}
    for figure in shown_figures(found):
        html[f"values-{figure.finding.key}"] = render_to_string("runs/_figure_values.html", {"figure": figure})
        figures[figure.finding.key] = figure.plot
    return Parts(html, figures)


def rows(run: Run, attempts: list[int]) -> Parts:
    """The problem rows of the attempts. Each comes in a table: a browser's parser drops a row that stands alone."""
    changed = run.attempts.filter(pk__in=attempts).select_related("problem", "condition")
    return Parts(
        {
            f"attempt-{row.attempt_id}": f"<table>{render_to_string('runs/_problem_row.html', {'run': run, 'row': row})}</table>"
            for row in problem_rows(run, list(changed))
        }
    )
