"""Which queue a run's work goes to: one for each endpoint or local model, so that a machine takes what it can do."""

from dataclasses import dataclass
from functools import lru_cache

from django.db import DatabaseError

from ..domain.errors import AssayError
from ..inference.base import Backend, backends
from ..inference.llama_cpp import library
from ..models import Batch, LanguageModel, Run
from .frozen import FrozenRun
from .queues import ERRANDS


@dataclass(frozen=True)
class Route:
    """The way of a run's attempts for one language model. `files` are what a machine must have to take them."""

    language_model: str
    conditions: tuple[str, ...]
    queue: str
    files: tuple[str, ...] = ()


@lru_cache(maxsize=512)  # what is frozen does not change
def routes_of(run_id: int) -> tuple[Route, ...]:
    """Of each language model that writes in the run. A run that cannot be read goes to a worker all the same, to be failed."""
    try:
        run = FrozenRun(Run.objects.get(pk=run_id))
        beside = [run.backends[name] for name in sorted(run.judges)]
        found = [
            Route(name, tuple(each.key for each in conditions), *place_of([backend, *beside]))
            for name, backend in run.backends.items()
            if (conditions := run.conditions_of(name))
        ]
    except DatabaseError:
        raise
    except Exception:  # also what an older or newer version froze and this one chokes on must not hold up the others
        found = []
    return tuple(found) or (Route("", (), ERRANDS),)


def known_queues() -> set[str]:
    """Of every language model that can be chosen and of every batch that waits, if this machine has what they need."""
    here = set(library.names())
    ways = [(each.queue, each.files) for each in Batch.objects.filter(state=Batch.State.PLACED)]
    for entry in LanguageModel.objects.filter(archived=False):
        try:
            ways.append(place_of([backends.build(entry.backend, entry.params)]))
        except AssayError:
            continue  # its page says what is wrong with it
    return {ERRANDS} | {queue for queue, files in ways if here.issuperset(files)}


def place_of(asked: list[Backend]) -> tuple[str, tuple[str, ...]]:
    """Queue and files for what asks all of these. What is computed here decides; an endpoint can be asked from anywhere."""
    local = {each.queue: each.files for each in asked if each.files}
    if not local:
        return asked[0].queue if asked else ERRANDS, ()
    return "+".join(sorted(local)), tuple(sorted(file for files in local.values() for file in files))
