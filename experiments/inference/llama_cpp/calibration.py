"""The fastest way of computing for one model on this machine, found by trying and remembered in the data folder."""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import psutil

from ...domain.errors import InvalidInput, PermanentInferenceError
from . import build, library, weights
from .environment import CHILD_ENVIRONMENT

_PROJECT = Path(__file__).resolve().parents[3]
# No further trial begins after this long, and a trial under way is given up: whoever waits for it wants to work.
_SECONDS_FOR_ALL = 50.0
# What is compared is the time for a prompt and this many tokens of each text, as a best-of-n has them.
_TOKENS_OF_A_TEXT = 128
_STEPS_MEASURED = 12
# Less than this is noise, and what is in use stays.
_LEAST_GAIN = 1.05
_SECONDS_OF_LISTENING = 1.0
_BUSY_CORES_ALLOWED = 0.4


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

    weights: str
    flash_attention: bool
    n_threads: int
    batch_tokens: int
    prompt_per_second: float
    texts_per_second: float
    measured_at: str
    n_trials: int


# What an older version noted with other fields is no measurement any more.
_FIELDS = {field.name for field in fields(Calibration)}


def length_class(n_cells: int) -> LengthClass:
    """The class whose measurement is used for a context of this size."""
    return next(each for each in _CLASSES if n_cells <= each.most_tokens)


def stored(file: Path, n_cells: int) -> Calibration | None:
    """What was measured for this file, machine, engine and class of context; None if nothing was."""
    return all_stored().get(_key(file, n_cells))


def all_stored() -> dict[str, Calibration]:
    """Every measurement in the data folder by file hash, machine, engine and class of context."""
    return {key: Calibration(**known) for key, known in _read().items() if set(known) == _FIELDS}


def calibrate(file: Path, settings: dict[str, Any], forms: Sequence[str], report: Callable[[str], None]) -> Calibration:
    """Try ways of computing, store and return the fastest. Takes about a minute at most; `report` hears of each trial.

    `settings` are the fields of `native.EngineSettings` to start from, `forms` those of the weights to be tried, the first
    one first. Raises PermanentInferenceError if nothing ran.
    """
    base = {**settings, "n_threads": build.n_physical_cores(), "flash_attention": settings["cache_type"] != "f16"}
    base |= {"batch_tokens": max(512, settings["n_slots"]), "shares_prefixes": True, "weights": forms[0]}
    trials = _Trials(file, min(length_class(settings["n_cells"]).n_prompt, settings["n_cells"] // 2), report)
    best = base
    for change in _changes(base, forms):
        rival = {**best, **change}
        if rival == best and trials.n_done:
            continue
        trials.measure(rival)
        # A way may have looked slow because something else ran just then: to be replaced, it has to lose twice.
        if trials.is_faster(rival, best) and rival != best:
            trials.measure(best)
            best = rival if trials.is_faster(rival, best) else best
    speed = trials.speed(best)
    if speed is None:
        raise PermanentInferenceError(
            "No trial ran to its end, so nothing was measured. Try a smaller model or fewer context tokens."
        )
    for form in set(forms) - {best["weights"]}:
        weights.drop(file, form)
    measured_at = time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime())
    choice = {name: best[name] for name in ("weights", "flash_attention", "n_threads", "batch_tokens")}
    calibration = Calibration(**choice, **speed, measured_at=measured_at, n_trials=trials.n_done)
    _write(_key(file, settings["n_cells"]), calibration)
    return calibration


def require_quiet() -> None:
    """Raise InvalidInput if other programs keep this machine too busy to measure anything."""
    busy = psutil.cpu_percent(_SECONDS_OF_LISTENING) / 100 * (psutil.cpu_count() or 1)
    if busy > _BUSY_CORES_ALLOWED:
        raise InvalidInput(
            f"This machine is busy: other work takes {busy:.1f} of its {psutil.cpu_count()} cores, so what is measured now would "
            "be wrong. Try again when it is done."
        )


class _Trials:
    """Measures ways of computing and remembers the best time of each: whatever else runs can only make one slower."""

    def __init__(self, file: Path, n_prompt: int, report: Callable[[str], None]):
        self.n_done = 0
        self._file = file
        self._n_prompt = n_prompt
        self._report = report
        self._ends_at = time.monotonic() + _SECONDS_FOR_ALL
        self._speeds: dict[str, dict[str, float]] = {}

    def measure(self, way: dict[str, Any]) -> None:
        """Try once more, unless the time is up."""
        left = self._ends_at - time.monotonic()
        if left <= 0:
            return
        words = _in_words(way)
        if (speed := self._try(way, left)) is None:
            self._report(f"{words}: did not finish")
            return
        self.n_done += 1
        self._report(f"{words}: prompt {speed['prompt_per_second']:.0f}, texts {speed['texts_per_second']:.0f} tokens/s")
        known = self.speed(way)
        if known is None or self._seconds(way, speed) < self._seconds(way, known):
            self._speeds[words] = speed

    def speed(self, way: dict[str, Any]) -> dict[str, float] | None:
        """Tokens per second, None if it never finished."""
        return self._speeds.get(_in_words(way))

    def is_faster(self, rival: dict[str, Any], best: dict[str, Any]) -> bool:
        new, old = self.speed(rival), self.speed(best)
        return new is not None and (old is None or self._seconds(best, old) > self._seconds(rival, new) * _LEAST_GAIN)

    def _seconds(self, way: dict[str, Any], speed: dict[str, float]) -> float:
        """For a prompt and all texts behind it."""
        n_written = way["n_slots"] * _TOKENS_OF_A_TEXT
        return self._n_prompt / speed["prompt_per_second"] + n_written / speed["texts_per_second"]

    def _try(self, way: dict[str, Any], seconds: float) -> dict[str, float] | None:
        try:
            weights.unpack(self._file, way["weights"])
        except PermanentInferenceError:
            return None
        settings = {name: value for name, value in way.items() if name != "weights"}
        return run_trial({**settings, "path": str(weights.path_of(self._file, way["weights"]))}, self._n_prompt, seconds)


def _changes(base: dict[str, Any], forms: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Nothing first; then each thing in turn, so that every later trial keeps what won before."""
    yield {}
    for form in forms[1:]:
        yield {"weights": form}
    if base["cache_type"] == "f16":
        yield {"flash_attention": True}
    for n_threads in sorted({build.n_usable_cores(), max(1, base["n_threads"] // 2)} - {base["n_threads"]}, reverse=True):
        yield {"n_threads": n_threads}
    for batch_tokens in (256, 1024):
        if batch_tokens >= base["n_slots"]:
            yield {"batch_tokens": batch_tokens}


def run_trial(settings: dict[str, Any], n_prompt: int, seconds: float) -> dict[str, float] | None:
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


def _in_words(way: dict[str, Any]) -> str:
    attention = "on" if way["flash_attention"] else "off"
    return f"weights {way['weights']}, flash attention {attention}, {way['n_threads']} threads, batches of {way['batch_tokens']}"


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
