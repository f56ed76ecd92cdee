"""Several real engines at once, each in its own process, under a plan for the memory; three copies of the bundled model."""

import asyncio
import shutil

import psutil
import pytest

from experiments.domain.errors import InvalidInput
from experiments.inference.base import backends
from experiments.inference.llama_cpp import library
from experiments.runner.retries import PATIENT
from experiments.runner.shared_models import SharedModels

SMALL = {"context_tokens": 512, "slots": 2, "batch_tokens": 64, "weights": "stored"}


@pytest.fixture
def copies(settings, tmp_path):
    """Backends of three files with the same content."""
    settings.ASSAY_DATA_DIR = tmp_path
    library.folder().mkdir()
    for name in "abc":
        shutil.copy(library.find(library.BUNDLED), library.folder() / f"{name}.gguf")
    return [backends.build("llama_cpp", {**SMALL, "file": f"{name}.gguf"}) for name in "abc"]


class Machine:
    """A machine with room for so many of the copies; what engines have taken is no longer free."""

    def __init__(self, room: float, backend, **options):
        self._n_bytes = room * backend.memory_plan().n_bytes
        self.models = SharedModels(PATIENT, self._free, **options)
        self._seen = []

    def _free(self) -> int:
        return int(self._n_bytes) - sum(model.client.n_bytes_taken() for model in self._seen)

    async def load(self, backend):
        ready = asyncio.Event()
        model = self.models.get(backend, ready.set)
        if model is None:
            await asyncio.wait_for(ready.wait(), 60)
            model = self.models.get(backend, ready.set)
        if model not in self._seen:
            self._seen.append(model)
        return model


@pytest.fixture
async def machine(copies):
    """Make a machine; its engines end with the test."""
    made = []

    def make(room: float, **options):
        made.append(Machine(room, copies[0], **options))
        return made[-1]

    yield make
    for each in made:
        await each.models.aclose()


async def test_models_that_fit_live_side_by_side_in_processes_of_their_own(machine, copies):
    here = machine(2.1)
    first, second = [await here.load(backend) for backend in copies[:2]]
    assert first.client.pid != second.client.pid
    assert all(psutil.pid_exists(model.client.pid) for model in (first, second))
    assert await here.load(copies[0]) is first


async def test_the_least_recently_used_model_makes_room_for_a_new_one(machine, copies):
    here = machine(2.1)
    first, second = [await here.load(backend) for backend in copies[:2]]
    with here.models.in_use(first):
        pass
    third = await here.load(copies[2])
    assert second.client.pid is None
    assert first.client.pid
    assert third.client.pid
    assert [here.models.has(backend) for backend in copies] == [True, False, True]


async def test_a_model_in_use_stays_and_the_new_one_waits_until_it_is_left(machine, copies):
    here = machine(1.1)
    first = await here.load(copies[0])
    with here.models.in_use(first):
        waiting = asyncio.create_task(here.load(copies[1]))
        await asyncio.wait([waiting], timeout=1)
        assert not waiting.done()
        assert first.client.pid
    assert (await waiting).client.pid
    assert first.client.pid is None


async def test_an_idle_model_is_unloaded_after_a_while_and_comes_back_when_asked(machine, copies):
    here = machine(2.1, idle_seconds=0)
    model = await here.load(copies[0])
    process = psutil.Process(model.client.pid)
    with here.models.in_use(model):
        here.models.unload_idle()
        assert here.models.has(copies[0])
    here.models.unload_idle()
    await asyncio.gather(*here.models._closing)
    assert not process.is_running()
    assert not here.models.has(copies[0])
    assert (await here.load(copies[0])).client.pid not in (None, process.pid)


async def test_a_file_that_is_gone_is_an_error_and_holds_nobody_up(machine, copies):
    here = machine(2.1)
    (library.folder() / "a.gguf").unlink()  # after its options were checked
    with pytest.raises(InvalidInput, match=r"no model file “a\.gguf”"):
        await here.load(copies[0])
    assert (await here.load(copies[1])).client.pid
