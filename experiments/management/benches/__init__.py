"""Benchmarks, one file each: a function decorated with `@bench("name")` that yields rows. Ratios, measured side by side."""

import importlib
import os
import pkgutil
import platform
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import psutil


@dataclass(frozen=True)
class Row:
    """One measured figure. `ok` says whether `value` reaches `target`; both None where there is no promise."""

    what: str
    value: float
    unit: str
    target: str | None = None
    ok: bool | None = None

    @classmethod
    def at_least(cls, what: str, value: float, unit: str, least: float) -> "Row":
        return cls(what, value, unit, f">= {least:g}", value >= least)

    @classmethod
    def at_most(cls, what: str, value: float, unit: str, most: float) -> "Row":
        return cls(what, value, unit, f"<= {most:g}", value <= most)


Bench = Callable[[], Iterator[Row]]
_benches: dict[str, Bench] = {}


def bench(name: str) -> Callable[[Bench], Bench]:
    """Decorator: make the function `manage.py bench NAME`. Its docstring's first line is the table's title."""

    def store(function: Bench) -> Bench:
        _benches[name] = function
        return function

    return store


def all_benches() -> dict[str, Bench]:
    """Every benchmark by name."""
    for module in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{module.name}")
    return dict(sorted(_benches.items()))


def machine() -> dict:
    """What the figures were measured on."""
    return {
        "processor": _processor_name(),
        "cores": os.cpu_count(),
        "memory_gb": round(psutil.virtual_memory().total / 1e9, 1),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
    }


def _processor_name() -> str:
    try:
        with open("/proc/cpuinfo") as lines:
            return next(line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()
