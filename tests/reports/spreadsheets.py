"""Filling in review files as people do: in a CSV, in a workbook, or in LibreOffice without a window."""

import csv
import io
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

from openpyxl import load_workbook

OFFICE = shutil.which("soffice") or shutil.which("libreoffice")


def cells_of(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def filled_csv(
    content: bytes, fill: Callable[[dict[str, str]], None], *, separator: str = ",", encoding: str = "utf-8", **how
) -> bytes:
    """The exported CSV with every row filled in, written as another program would."""
    rows = cells_of(content)
    for row in rows:
        fill(row)
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, list(rows[0]), delimiter=separator, **how)
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode(encoding, errors="replace")


def filled_xlsx(content: bytes, change: Callable) -> bytes:
    """The exported workbook after `change(sheet, columns)`; `columns` is name -> number."""
    book = load_workbook(io.BytesIO(content))
    sheet = book.worksheets[0]
    change(sheet, {cell.value: cell.column for cell in sheet[1]})
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def converted(content: bytes, ending: str, to: str, folder: Path, reads: str = "") -> bytes:
    """The file after LibreOffice has opened it and saved it in another format; `to` and `reads` are its filters."""
    source = folder / f"file.{ending}"
    source.write_bytes(content)
    out = folder / "out"
    command = [OFFICE, f"-env:UserInstallation=file://{folder}/profile", "--headless"]
    command += [f"--infilter={reads}"] if reads else []
    subprocess.run(
        [*command, "--convert-to", to, "--outdir", str(out), str(source)], check=True, capture_output=True, timeout=240
    )
    (made,) = out.iterdir()
    content = made.read_bytes()
    made.unlink()
    return content
