"""A run in one file for a reviewer: samples as CSV and exact JSONL, figures, findings to read, settings, and a hash of each."""

import csv
import hashlib
import io
import json
import zipfile
from base64 import b64encode
from collections.abc import Iterable, Iterator

from django.template.loader import render_to_string
from django.utils.text import slugify

from ..domain.zip_stream import ZipStream
from ..models import Run
from .drawn_figures import FORMATS, drawn
from .export_formats import export, neutralise
from .figures import figure_table
from .manifest import manifest

_AT_A_TIME = 1 << 16


def review_pack(run: Run) -> Iterator[bytes]:
    """The zip's bytes in pieces: however many samples there are, few of them are in memory.

    The manifest comes last, for it holds the hashes of all the others.
    """
    stream = ZipStream()
    files: dict[str, dict] = {}
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, pieces in _parts(run):
            digest, size = hashlib.sha256(), 0
            with archive.open(zipfile.ZipInfo(name, _moment(run)), "w", force_zip64=True) as out:
                for piece in pieces:
                    digest.update(piece)
                    size += len(piece)
                    out.write(piece)
                    if stream.size >= _AT_A_TIME:
                        yield stream.taken()
            files[name] = {"bytes": size, "sha256": digest.hexdigest()}
        about = {"files": files, **manifest(run)}
        archive.writestr(
            zipfile.ZipInfo("manifest.json", _moment(run)), json.dumps(about, indent=2, ensure_ascii=False, default=str)
        )
    yield stream.taken()


def _parts(run: Run) -> Iterator[tuple[str, Iterable[bytes]]]:
    findings = list(run.findings.order_by("position"))
    figures = [finding for finding in findings if finding.figure]
    yield "report.html", [report(run).encode()]
    for finding in figures:
        for format in FORMATS:
            yield f"figures/{slugify(finding.key)}.{format}", [drawn(finding.figure, format)]
        yield f"figures/{slugify(finding.key)}.csv", [table_csv(finding.figure)]
    yield "samples.csv", export(run, "csv")
    yield "samples.jsonl", export(run, "jsonl")


def report(run: Run) -> str:
    """The findings as one page that needs nothing else: no script, and figures drawn into it."""
    shown = [
        {
            "finding": finding,
            "drawing": b64encode(drawn(finding.figure, "svg")).decode() if finding.figure else "",
            "table": figure_table(finding.figure) if finding.figure else None,
        }
        for finding in run.findings.order_by("position")
    ]
    return render_to_string("exports/report.html", {"run": run, "shown": shown, "manifest": manifest(run)})


def table_csv(figure: dict) -> bytes:
    """The numbers behind a figure, as they stand in the table under it."""
    table = figure_table(figure)
    piece = io.StringIO(newline="")
    writer = csv.writer(piece)
    writer.writerows([map(neutralise, row) for row in (table.columns, *table.rows)])
    return piece.getvalue().encode()


def _moment(run: Run) -> tuple[int, int, int, int, int, int]:
    at = run.finished_at or run.created_at
    return at.year, at.month, at.day, at.hour, at.minute, at.second
