"""The file's own description of itself.

A newer minor version only adds members and columns, which an older Assay leaves out and says so. Another major version is
not read at all.
"""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

VERSION = (1, 0)
FILE = "manifest.json"

_SHA256 = r"^[0-9a-f]{64}$"


class Member(BaseModel):
    """One file in the archive: its lines, its bytes and their hash."""

    model_config = ConfigDict(extra="ignore", strict=True)

    rows: int = Field(ge=0)
    bytes: int = Field(ge=0)
    sha256: str = Field(pattern=_SHA256)


class ArchivedRun(BaseModel):
    """The run as it was where the file was made, for people to read."""

    model_config = ConfigDict(extra="ignore", strict=True)

    number: int
    experiment: str
    state: str


class Manifest(BaseModel):
    """The member that is read first and written last."""

    model_config = ConfigDict(extra="ignore", strict=True)

    format: Literal["Assay run archive"] = "Assay run archive"
    version: list[int] = Field(min_length=2, max_length=2)
    assay: str
    run: ArchivedRun
    fingerprint: str = Field(pattern=_SHA256)
    members: dict[str, Member]
    left_out: list[str] = Field(default=[], description="Sentences about what could not be taken along")

    @property
    def is_newer(self) -> bool:
        """Whether it may hold what this Assay does not know."""
        return tuple(self.version) > VERSION

    @property
    def is_older(self) -> bool:
        """Whether it may lack what was added since."""
        return tuple(self.version) < VERSION
