"""What happens when native code, files, templates or the parent fail: never more than the requests concerned."""

import asyncio
import os
import signal
import sys
import textwrap

import psutil
import pytest

from experiments.domain.errors import InvalidInput, PermanentInferenceError, TransientInferenceError
from experiments.inference.base import backends
from experiments.inference.llama_cpp import library
from experiments.inference.llama_cpp.client import LlamaCppClient


async def start_writing(engine, request):
    """A task whose text has begun."""
    begun = asyncio.Event()
    task = asyncio.create_task(engine.generate(request, lambda text: begun.set()))
    await asyncio.wait_for(begun.wait(), 60)
    return task


async def test_a_killed_engine_fails_what_it_was_writing_and_comes_back(engine, a_request):
    tasks = [await start_writing(engine, a_request(seed=seed, max_tokens=2000)) for seed in range(3)]
    first_pid = engine.pid
    os.kill(first_pid, signal.SIGKILL)
    for task in tasks:
        with pytest.raises(TransientInferenceError, match=r"SmolLM2.* was ended by signal 9"):
            await task
    assert (await engine.generate(a_request())).text
    assert engine.pid != first_pid


async def test_an_engine_that_keeps_dying_is_refused_for_a_while(engine, a_request):
    for _ in range(3):
        task = await start_writing(engine, a_request(max_tokens=2000))
        os.kill(engine.pid, signal.SIGSEGV)
        with pytest.raises(TransientInferenceError, match="signal 11"):
            await task
    with pytest.raises(PermanentInferenceError, match="died 3 times without finishing a text"):
        await engine.generate(a_request())


async def test_an_engine_that_hangs_is_stopped_and_replaced(a_request):
    backend = backends.build("llama_cpp")
    backend.prepare()
    engine = LlamaCppClient("hanging", backend.engine_settings(), max_in_flight=16, hang_seconds=1.0)
    await engine.start()
    task = await start_writing(engine, a_request(max_tokens=2000))
    os.kill(engine.pid, signal.SIGSTOP)
    with pytest.raises(TransientInferenceError, match="No sign of life for 1 seconds"):
        await task
    await engine.aclose()


async def test_the_engine_ends_with_a_parent_that_is_killed(tmp_path):
    """The parent has forked another process, which keeps the pipe open after the parent is gone."""
    script = textwrap.dedent("""
        import asyncio, os, time
        from experiments.inference.base import backends
        async def main():
            engine = await backends.build("llama_cpp", {"weights": "stored"}).connect()
            if os.fork() == 0:
                time.sleep(60)
            print(engine.pid, flush=True)
            await asyncio.sleep(60)
        asyncio.run(main())
    """)
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "webapp.settings", "ASSAY_DATA_DIR": str(tmp_path)}
    parent = await asyncio.create_subprocess_exec(sys.executable, "-c", script, stdout=asyncio.subprocess.PIPE, env=environment)
    engine = psutil.Process(int(await parent.stdout.readline()))
    (forked,) = (process for process in psutil.Process(parent.pid).children() if process != engine)
    parent.kill()
    gone, _ = await asyncio.to_thread(psutil.wait_procs, [engine], timeout=20)
    forked.kill()
    await parent.communicate()
    assert gone


async def test_a_listener_that_breaks_fails_its_own_request_only(engine, a_request):
    other = asyncio.create_task(engine.generate(a_request(seed=2)))
    with pytest.raises(ZeroDivisionError):
        await engine.generate(a_request(), lambda text: 1 / 0)
    assert (await other).text


async def test_ten_thousand_cancels_leave_the_engine_as_it_was(engine, a_request):
    for _ in range(100):
        tasks = [asyncio.create_task(engine.generate(a_request(seed=seed, max_tokens=2000))) for seed in range(100)]
        await asyncio.sleep(0)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    generations = await asyncio.gather(*(engine.generate(a_request(seed=seed, max_tokens=4)) for seed in range(16)))
    # Sixteen at once again, on a prompt that is still there.
    assert all(generation.usage.cached_tokens == generation.usage.prompt_tokens - 1 for generation in generations[1:])


async def test_closing_ends_the_engine(connect):
    engine = await connect()
    process = psutil.Process(engine.pid)
    await engine.aclose()
    assert not process.is_running()
    assert engine.pid is None


async def test_a_request_after_closing_is_refused(engine, a_request):
    await engine.aclose()
    with pytest.raises(TransientInferenceError, match="shut down"):
        await engine.generate(a_request())


@pytest.fixture
def model_folder(settings, tmp_path):
    settings.ASSAY_DATA_DIR = tmp_path
    library.folder().mkdir()
    return library.folder()


async def test_a_model_cut_in_half_is_refused_before_anything_is_loaded(model_folder):
    whole = library.find(library.BUNDLED).read_bytes()
    (model_folder / "half.gguf").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(InvalidInput, match=r"“half\.gguf” is cut off: its tensors need 98,362,432 bytes"):
        await backends.build("llama_cpp", {"file": "half.gguf"}).connect()


async def test_a_model_that_only_looks_right_fails_to_load_with_the_engines_own_words(model_folder):
    content = bytearray(library.find(library.BUNDLED).read_bytes())
    at = content.index(b"llama.block_count")
    content[at : at + 17] = b"llama.blocc_kount"
    (model_folder / "wrong.gguf").write_bytes(content)
    with pytest.raises(PermanentInferenceError, match=r"“wrong\.gguf” cannot be loaded: .*block_count"):
        await backends.build("llama_cpp", {"file": "wrong.gguf", "weights": "stored"}).connect()


async def test_a_hostile_chat_template_fails_its_requests_only(model_folder, a_request):
    content = library.find(library.BUNDLED).read_bytes()
    start = content.index(b"{% for message in messages %}")
    n_bytes = int.from_bytes(content[start - 8 : start], "little")
    bomb = b"{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}"
    hostile = content[:start] + bomb.ljust(n_bytes) + content[start + n_bytes :]
    (model_folder / "hostile.gguf").write_bytes(hostile)
    engine = await backends.build("llama_cpp", {"file": "hostile.gguf", "weights": "stored"}).connect()
    with pytest.raises(PermanentInferenceError, match="chat template was stopped: it ran for more than 2 seconds"):
        await engine.generate(a_request())
    assert psutil.pid_exists(engine.pid)
    await engine.aclose()
