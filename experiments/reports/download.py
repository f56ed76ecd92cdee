"""An export as an HTTP download; the pages and the API answer with the same one."""

from collections.abc import AsyncIterator, Iterator

from asgiref.sync import sync_to_async
from django.db.models import QuerySet
from django.http import HttpResponse, HttpResponseBase, JsonResponse, StreamingHttpResponse
from django.utils.text import slugify

from ..domain.errors import UnknownName
from ..models import Call, Run
from .drawn_figures import FORMATS, drawn
from .export_formats import CONTENT_TYPES, export
from .ledger import export_ledger
from .manifest import manifest
from .review_pack import review_pack, table_csv

#: What can be downloaded, by the last part of the file's name.
ENDINGS = {"csv": "csv", "jsonl": "jsonl", "manifest": "manifest.json", "pack": "review.zip"}
#: What a figure can be downloaded as, with its content type.
FIGURE_FORMATS = {**FORMATS, "csv": CONTENT_TYPES["csv"]}


def download(run: Run, format: str, *, bom: bool = False) -> HttpResponseBase:
    """The run's samples as CSV or JSONL, or its review pack, streamed, or its manifest. Raises UnknownName for another format."""
    if format not in ENDINGS:
        raise UnknownName("export format", format, list(ENDINGS))
    if format == "manifest":
        response = JsonResponse(manifest(run), json_dumps_params={"indent": 2, "ensure_ascii": False})
    elif format == "pack":
        response = StreamingHttpResponse(_in_thread(review_pack(run)), content_type="application/zip")
    else:
        response = StreamingHttpResponse(_in_thread(export(run, format, bom=bom)), content_type=CONTENT_TYPES[format])
    return _attached(response, file_name(run, format))


def download_ledger(calls: QuerySet[Call], format: str, name: str = "assay-ledger") -> HttpResponseBase:
    """These calls as CSV or JSONL, streamed. Raises UnknownName for another format."""
    response = StreamingHttpResponse(_in_thread(export_ledger(calls, format)), content_type=CONTENT_TYPES[format])
    return _attached(response, f"{name}.{format}")


def file_name(run: Run, format: str) -> str:
    """Letters, digits and dashes only, so that it means the same to every browser and every disk."""
    words = ["assay", "run", str(run.pk), slugify(run.config["experiment"]["name"])[:60]]
    return f"{'-'.join(filter(None, words))}.{ENDINGS[format]}"


def download_figure(run: Run, key: str, format: str) -> HttpResponseBase | None:
    """The figure of the finding with this key as SVG, PNG or the CSV of its table; None where there is none.

    Raises UnknownName for another format.
    """
    if format not in FIGURE_FORMATS:
        raise UnknownName("figure format", format, list(FIGURE_FORMATS))
    finding = run.findings.filter(key=key, figure__isnull=False).first()
    if finding is None:
        return None
    content = table_csv(finding.figure) if format == "csv" else drawn(finding.figure, format)
    words = ["assay", "run", str(run.pk), slugify(key)]
    return _attached(HttpResponse(content, content_type=FIGURE_FORMATS[format]), f"{'-'.join(words)}.{format}")


def _attached(response: HttpResponseBase, name: str) -> HttpResponseBase:
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


async def _in_thread(pieces: Iterator[bytes]) -> AsyncIterator[bytes]:
    """Each piece made outside the event loop when it is asked for. Handed the plain iterator, Django under ASGI would
    read all of it into memory before it sends the first byte."""
    following = sync_to_async(next)
    while piece := await following(pieces, b""):
        yield piece
