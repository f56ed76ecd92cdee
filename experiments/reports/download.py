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
    name = file_name(run, ENDINGS[format])
    if format == "manifest":
        return _attached(JsonResponse(manifest(run), json_dumps_params={"indent": 2, "ensure_ascii": False}), name)
    if format == "pack":
        return download_pieces(review_pack(run), "application/zip", name)
    return download_pieces(export(run, format, bom=bom), CONTENT_TYPES[format], name)


def download_pieces(pieces: Iterator[bytes], content_type: str, name: str) -> HttpResponseBase:
    """A file that is made while it is sent."""
    return _attached(StreamingHttpResponse(_in_thread(pieces), content_type=content_type), name)


def download_ledger(calls: QuerySet[Call], format: str, name: str = "assay-ledger") -> HttpResponseBase:
    """These calls as CSV or JSONL, streamed. Raises UnknownName for another format."""
    return download_pieces(export_ledger(calls, format), CONTENT_TYPES[format], f"{name}.{format}")


def file_name(run: Run, ending: str) -> str:
    """Letters, digits and dashes only, so that it means the same to every browser and every disk."""
    words = ["assay", "run", str(run.pk), slugify(run.config["experiment"]["name"])[:60]]
    return f"{'-'.join(filter(None, words))}.{ending}"


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
