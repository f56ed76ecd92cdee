"""The fastest way of computing for one model on this machine, found by trying and remembered in the data folder."""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ...domain.errors import PermanentInferenceError
from . import build, library
from .client import CHILD_ENVIRONMENT

_PROJECT = Path(__file__).resolve().parents[3]
# No further trial begins after this long, and a trial under way is given up: whoever waits for it wants to work.
_SECONDS_FOR_ALL = 50.0
# What is compared is the time for a prompt and this many tokens of each text, as a best-of-n has them.
_TOKENS_OF_A_TEXT = 128
_STEPS_MEASURED = 12
# Less than this is noise, and what is in use stays.
_LEAST_GAIN = 1.05


@dataclass(frozen=True)
class LengthClass:
    """Contexts of up to `most_tokens` are measured with a shared prompt of `n_prompt` tokens."""

    name: str
    most_tokens: float
    n_prompt: int


_CLASSES = (
    LengthClass("up to 2,048 tokens", 2048, 256),
    LengthClass("up to 16,384 tokens", 16_384, 1200),
    LengthClass("more than 16,384 tokens", float("inf"), 3000),
)


@dataclass(frozen=True)
class Calibration:
    """What was fastest, how fast it was in tokens per second, and when it was measured."""

    flash_attention: bool
    n_threads: int
    batch_tokens: int
    prompt_per_second: float
    texts_per_second: float
    measured_at: str
    n_trials: int


def length_class(n_cells: int) -> LengthClass:
    """The class whose measurement is used for a context of this size."""
    return next(each for each in _CLASSES if n_cells <= each.most_tokens)


def stored(file: Path, n_cells: int) -> Calibration | None:
    """What was measured for this file, machine, engine and class of context; None if nothing was."""
    known = _read().get(_key(file, n_cells))
    return Calibration(**known) if known else None


def all_stored() -> dict[str, Calibration]:
    """Every measurement in the data folder by file hash, machine, engine and class of context."""
    return {key: Calibration(**known) for key, known in _read().items()}


def calibrate(settings: dict[str, Any], report: Callable[[str], None]) -> Calibration:
    """Try ways of computing, store and return the fastest. Takes less than a minute; `report` hears of each trial.

    `settings` are the fields of `native.EngineSettings` to start from. Raises PermanentInferenceError if nothing ran.
    """
    started = time.monotonic()
    n_prompt = min(length_class(settings["n_cells"]).n_prompt, settings["n_cells"] // 2)
    base = {**settings, "n_threads": build.n_physical_cores(), "flash_attention": settings["cache_type"] != "f16"}
    base = {**base, "batch_tokens": max(512, settings["n_slots"]), "shares_prefixes": True}
    best, best_speed, best_seconds, n_trials = base, None, float("inf"), 0
    for change in _changes(base):
        left = _SECONDS_FOR_ALL - (time.monotonic() - started)
        tried = {**best, **change}
        if left <= 0 or (n_trials and tried == best):
            continue
        speed = _try(tried, n_prompt, left)
        if speed is None:
            report(f"{_in_words(tried)}: did not finish")
            continue
        n_trials += 1
        seconds = n_prompt / speed["prompt_per_second"] + settings["n_slots"] * _TOKENS_OF_A_TEXT / speed["texts_per_second"]
        report(f"{_in_words(tried)}: prompt {speed['prompt_per_second']:.0f}, texts {speed['texts_per_second']:.0f} tokens/s")
        if best_seconds > seconds * (_LEAST_GAIN if best_speed else 1):
            best, best_speed, best_seconds = tried, speed, seconds
    if best_speed is None:
        raise PermanentInferenceError(
            "No trial ran to its end, so nothing was measured. Try a smaller model or fewer context tokens."
        )
    measured_at = time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime())
    choice = {name: best[name] for name in ("flash_attention", "n_threads", "batch_tokens")}
    calibration = Calibration(**choice, **best_speed, measured_at=measured_at, n_trials=n_trials)
    _write(_key(Path(settings["path"]), settings["n_cells"]), calibration)
    return calibration


def _changes(base: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Nothing first; then each thing in turn, so that every later trial keeps what won before."""
    yield {}
    if base["cache_type"] == "f16":
        yield {"flash_attention": True}
    for n_threads in sorted({build.n_usable_cores(), max(1, base["n_threads"] // 2)} - {base["n_threads"]}, reverse=True):
        yield {"n_threads": n_threads}
    for batch_tokens in (256, 1024):
        if batch_tokens >= base["n_slots"]:
            yield {"batch_tokens": batch_tokens}


def _try(settings: dict[str, Any], n_prompt: int, seconds: float) -> dict[str, float] | None:
    """The speeds of one trial; None if it crashed or took longer than `seconds`."""
    work = json.dumps({"settings": settings, "n_prompt": n_prompt, "n_steps": _STEPS_MEASURED})
    command = [sys.executable, "-m", f"{__package__}.trial"]
    environment = {**CHILD_ENVIRONMENT, **os.environ}
    try:
        ended = subprocess.run(
            command, input=work, capture_output=True, text=True, timeout=seconds, check=True, cwd=_PROJECT, env=environment
        )
        return {name: round(value, 1) for name, value in json.loads(ended.stdout).items()}
    except (subprocess.SubprocessError, ValueError):
        return None


def _in_words(settings: dict[str, Any]) -> str:
    attention = "on" if settings["flash_attention"] else "off"
    return f"flash attention {attention}, {settings['n_threads']} threads, batches of {settings['batch_tokens']}"


def _key(file: Path, n_cells: int) -> str:
    return " | ".join([library.sha256(file), build.machine_name(), build.engine_version(), length_class(n_cells).name])


def _notes() -> Path:
    return library.folder().parent / "calibration.json"


def _read() -> dict[str, Any]:
    try:
        return json.loads(_notes().read_text())
    except (OSError, ValueError):
        return {}


def _write(key: str, calibration: Calibration) -> None:
    known = {**_read(), key: asdict(calibration)}
    descriptor, temporary = tempfile.mkstemp(dir=_notes().parent, prefix=_notes().name)
    with os.fdopen(descriptor, "w") as file:
        json.dump(known, file, indent=1)
    os.replace(temporary, _notes())
