"""What a language model will take of this machine's memory, and what is free, before anything is loaded."""

from dataclasses import dataclass
from pathlib import Path

import psutil

from ..domain.errors import PermanentInferenceError

# Left for the web server, the database and everything else on this machine.
_SPARED_BYTES = 256 * 2**20
_CGROUP = Path("/sys/fs/cgroup")
# (limit, use, line of memory.stat that counts file pages the kernel can take back) of cgroup versions 2 and 1.
_CGROUP_FILES = (
    ("memory.max", "memory.current", "inactive_file"),
    ("memory/memory.limit_in_bytes", "memory/memory.usage_in_bytes", "total_inactive_file"),
)


class DoesNotFit(PermanentInferenceError):
    """A model needs more memory than is free."""


@dataclass(frozen=True)
class MemoryPlan:
    """Bytes by what they are for, and which options make them fewer. `is_bound` is False where a GPU may hold them instead."""

    parts: dict[str, int]
    advice: str
    is_bound: bool = True

    @property
    def n_bytes(self) -> int:
        return sum(self.parts.values())

    def require(self, name: str, n_free: int) -> None:
        """Raise DoesNotFit, with what to lower, if model `name` needs more than `n_free` bytes."""
        if self.is_bound and self.n_bytes > n_free:
            parts = ", ".join(f"{part} {in_mib(size)}" for part, size in self.parts.items())
            raise DoesNotFit(
                f"“{name}” needs {in_mib(self.n_bytes)} of memory ({parts}) and {in_mib(max(n_free, 0))} are free. {self.advice}"
            )


def n_free_bytes() -> int:
    """Memory that may still be taken: what the system has available, less where a control group allows less."""
    free = psutil.virtual_memory().available
    for limit_file, use_file, reclaimable in _CGROUP_FILES:
        free = min(free, _free_in_group(_CGROUP / limit_file, _CGROUP / use_file, reclaimable, free))
    return free - _SPARED_BYTES


def in_mib(n_bytes: int) -> str:
    return f"{n_bytes / 2**20:,.0f} MiB"


def _free_in_group(limit_file: Path, use_file: Path, reclaimable: str, otherwise: int) -> int:
    try:
        limit, used = int(limit_file.read_text()), int(use_file.read_text())
        lines = dict(line.split() for line in (limit_file.parent / "memory.stat").read_text().splitlines())
    except (OSError, ValueError):  # no such group, or "max": no limit
        return otherwise
    return limit - used + int(lines.get(reclaimable, 0))
