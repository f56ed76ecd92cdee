"""Files in the data folder that nobody needs any more: what a killed process was writing, old uploads, copies never finished."""

import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from ..backups import data_files
from ..backups.taking import PREFIX, SUFFIX, default_place
from .registry import Exam, Seen, check, ok, warning

#: Whatever writes under these names is done within the hour.
HALF_DONE = (
    "keys/*.part",
    "*.part",
    "models/.adding-*",
    "**/.unpacking-*",
    "backups/.assay-backup-*",
    ".assay-restore-*",
    "**/.*.part",
)
HALF_DONE_SECONDS = 3600
# Uploads wait for a day between their preview and their saving; the next upload sweeps, if there is one.
UPLOAD_SECONDS = 24 * 3600
MANY_BACKUPS = 60


@check("leftover files")
def leftovers(exam: Exam) -> Iterator[Seen]:
    found = left_over()
    if found:
        size = sum(_size(path) for path in found)
        yield warning(
            f"{len(found)} files and folders ({size / 1e6:,.1f} MB) were left behind by what ended before its end, "
            f"such as {found[0]}.",
            "Run: manage.py doctor --fix",
            _deleting(found),
        )
    else:
        yield ok("None.")


@check("old backups")
def old_backups(exam: Exam) -> Iterator[Seen]:
    found = list(default_place().glob(f"{PREFIX}*{SUFFIX}"))
    if len(found) > MANY_BACKUPS:
        size = sum(_size(path) for path in found)
        yield warning(f"{len(found)} backups take {size / 1e9:,.1f} GB in {default_place()}.", "Run backups with --keep N.")
    else:
        yield ok(f"{len(found)} in {default_place()}.")


def left_over() -> list[Path]:
    folder = data_files.data_folder()
    half_done = {path for pattern in HALF_DONE for path in folder.glob(pattern) if _age(path) > HALF_DONE_SECONDS}
    uploads = {path for path in folder.glob("uploads/*") if _age(path) > UPLOAD_SECONDS}
    return sorted(half_done | uploads)


def _deleting(paths: list[Path]) -> Callable[[], str]:
    def delete() -> str:
        for path in paths:
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)
        return f"Deleted {len(paths)}."

    return delete


def _age(path: Path) -> float:
    return time.time() - path.lstat().st_mtime


def _size(path: Path) -> int:
    return sum(each.stat().st_size for each in ([path] if path.is_file() else path.rglob("*")) if each.is_file())
