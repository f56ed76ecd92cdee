"""`manage.py export_run ID --format csv|jsonl|pack --output FILE`: the same export as on the run's page."""

import hashlib
import json
import os
from collections.abc import Iterable
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from experiments.models import AuditEntry, Run
from experiments.reports.export_formats import CONTENT_TYPES, export
from experiments.reports.manifest import manifest
from experiments.reports.review_pack import review_pack


class Command(BaseCommand):
    help = "Write a run's samples to a file, and a manifest with hashes beside it."

    def add_arguments(self, parser) -> None:
        parser.add_argument("run", type=int, help="the run's number")
        parser.add_argument("--format", choices=[*CONTENT_TYPES, "pack"], default="csv")
        parser.add_argument("--output", required=True, help="file to write, or - for standard output without a manifest")
        parser.add_argument("--bom", action="store_true", help="begin a CSV with the mark that Excel knows UTF-8 by")

    def handle(self, *, run: int, format: str, output: str, bom: bool, **options) -> None:
        found = Run.objects.filter(pk=run).first()
        if found is None:
            newest = Run.objects.first()
            raise CommandError(
                f"There is no run {run}. {f'The newest is run {newest.pk}.' if newest else 'There are no runs yet.'}"
            )
        if output != "-" and Path(output).exists() and not Path(output).is_file():
            raise CommandError(f"{output} is not a file. Name a file to write, or - for standard output.")
        AuditEntry.objects.record(None, AuditEntry.Action.EXPORTED, found, format=format)
        pieces = review_pack(found) if format == "pack" else export(found, format, bom=bom)
        try:
            if output == "-":
                self.stdout.buffer.writelines(pieces)
                self.stdout.buffer.flush()
            else:
                written = write_whole(Path(output), pieces)
                about = {"file": {"name": Path(output).name, "format": format, **written}, **manifest(found)}
                write_whole(Path(f"{output}.manifest.json"), [json.dumps(about, indent=2, ensure_ascii=False).encode()])
                self.stderr.write(f"Wrote {output} ({written['bytes']:,} bytes) and {output}.manifest.json.")
        except OSError as error:
            where = "to standard output" if output == "-" else output
            raise CommandError(f"Cannot write {where}: {error.strerror}.") from None


def write_whole(path: Path, pieces: Iterable[bytes]) -> dict[str, int | str]:
    """Write the pieces to the path, all of them or nothing: an older file stays until the new one is on the disk.

    Returns the number of bytes and their SHA-256.
    """
    digest = hashlib.sha256()
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with part.open("wb") as out:
            for piece in pieces:
                out.write(piece)
                digest.update(piece)
            out.flush()
            os.fsync(out.fileno())
            size = out.tell()
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return {"bytes": size, "sha256": digest.hexdigest()}
