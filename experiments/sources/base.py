"""Where problems come from: uploaded files and task generators, all ending in the same drafts."""

from abc import abstractmethod
from collections.abc import Iterator
from typing import ClassVar

from ..domain.registry import Options, Registry
from ..domain.types import ProblemDraft


class Source(Options):
    """Options are fields. A source that `needs_file` is handed the upload's path, the others generate."""

    name: ClassVar[str]
    label: ClassVar[str]
    needs_file: ClassVar[bool] = False

    @abstractmethod
    def problems(self, path: str | None = None) -> Iterator[ProblemDraft]:
        """The drafts in order. Raises SourceError with row and column at the first thing that cannot be used."""


sources: Registry[Source] = Registry("source", "experiments.sources")
