import asyncio
import os
import signal
import subprocess
import sys

import psutil
import pytest

from experiments.domain.types import FinishReason, Message, Question, Target, Verdict
from experiments.graders.base import graders
from experiments.graders.isolation import GraderFailed, GradingPool

QUESTION = Question("q", (Message("user", "?"),))
TARGET = Target(("13",))
PLAIN = graders.build("regex")
# Doubles its work with every further "a".
CATASTROPHIC = graders.build("regex", {"pattern": "(a+)+$"})
HANGS = "a" * 50 + "b"


@pytest.fixture
async def pool():
    pool = GradingPool(time_limit_s=1)
    yield pool
    await pool.aclose()


async def mark(pool: GradingPool, grader, text: str):
    return await pool.mark(grader, text, FinishReason.STOP, QUESTION, TARGET)


async def test_a_grader_that_hangs_times_out_and_the_next_mark_works(pool):
    hung, seconds = await mark(pool, CATASTROPHIC, HANGS)
    assert (hung.verdict, hung.score) == (Verdict.TIMED_OUT, None)
    assert "did not finish within 1 s" in hung.explanation
    assert 1 <= seconds < 30
    following, _ = await mark(pool, PLAIN, "Answer: 13\n")
    assert following == PLAIN.mark("Answer: 13\n", FinishReason.STOP, QUESTION, TARGET)
    assert following.verdict == Verdict.CORRECT


async def test_maths_that_never_ends_times_out(pool):
    hung, _ = await mark(pool, graders.build("maths"), r"\boxed{9^{9^{9^{9}}}}")
    assert hung.verdict == Verdict.TIMED_OUT


async def test_the_event_loop_runs_on_while_a_grader_hangs(pool):
    hanging = asyncio.create_task(mark(pool, CATASTROPHIC, HANGS))
    turns = 0
    while not hanging.done():
        await asyncio.sleep(0.01)
        turns += 1
    # Of a hundred in the second that the grader hangs; a loop that waited for it would turn once or twice.
    assert turns > 10


async def test_a_long_text_is_cut_to_its_end_and_says_so():
    pool = GradingPool(max_chars=100)
    try:
        given, _ = await mark(pool, PLAIN, "Answer: 12\n" + "x" * 100 + "\nAnswer: 13\n")
        lost, _ = await mark(pool, PLAIN, "Answer: 13\n" + "x" * 100)
    finally:
        await pool.aclose()
    assert given.verdict == Verdict.CORRECT
    assert given.explanation.endswith("Only the last 100 of 123 characters were read.")
    assert lost.verdict == Verdict.UNPARSED


async def test_graders_that_cannot_hang_start_no_process(pool):
    given, _ = await mark(pool, graders.build("exact"), "Answer: 13\n")
    assert given.verdict == Verdict.CORRECT
    assert child_pids() == []


async def test_a_process_killed_between_two_marks_is_replaced(pool):
    await mark(pool, PLAIN, "Answer: 13\n")
    (pid,) = child_pids()
    os.kill(pid, signal.SIGKILL)
    given, _ = await mark(pool, PLAIN, "Answer: 13\n")
    assert given.verdict == Verdict.CORRECT
    assert child_pids() != [pid]


async def test_a_text_that_kills_the_process_twice_is_not_judged():
    pool = GradingPool(time_limit_s=60)
    hanging = asyncio.create_task(mark(pool, CATASTROPHIC, HANGS))
    for _ in range(2):
        pid = await busy_child()
        os.kill(pid, signal.SIGKILL)
        await gone(pid)
    given, _ = await hanging
    await pool.aclose()
    assert given.verdict == Verdict.TIMED_OUT
    assert "died twice over this text (exit status -9)" in given.explanation


async def test_a_cancelled_mark_leaves_no_process_and_spoils_no_other():
    pool = GradingPool(time_limit_s=60)
    hanging = asyncio.create_task(mark(pool, CATASTROPHIC, HANGS))
    await busy_child()
    hanging.cancel()
    with pytest.raises(asyncio.CancelledError):
        await hanging
    given, _ = await mark(pool, PLAIN, "Answer: 13\n")
    assert given.verdict == Verdict.CORRECT
    assert len(child_pids()) == 1
    await pool.aclose()


async def test_closing_ends_the_processes():
    pool = GradingPool(processes=2)
    await asyncio.gather(*(mark(pool, PLAIN, "Answer: 13\n") for _ in range(4)))
    assert len(child_pids()) == 2
    await pool.aclose()
    assert child_pids() == []


async def test_a_bug_in_a_grader_is_no_verdict(pool):
    broken = Target(("13",), metadata={"hidden": {"reasoning_gym": {"task": "chain_sum"}}})
    with pytest.raises(GraderFailed, match="KeyError: 'config'"):
        await pool.mark(graders.build("reasoning_gym_score"), "13", FinishReason.STOP, QUESTION, broken)


async def test_half_a_surrogate_pair_and_nul_survive_the_way(pool):
    given, _ = await mark(pool, PLAIN, "Answer: \ud800\0 13\n")
    assert given.extracted == "\ud800\0 13"


def test_a_hanging_process_dies_with_its_parent():
    script = """
import asyncio
from experiments.domain.types import FinishReason
from tests.graders.test_isolation import CATASTROPHIC, HANGS, QUESTION, TARGET, GradingPool, busy_child
async def main():
    marking = asyncio.create_task(GradingPool(60).mark(CATASTROPHIC, HANGS, FinishReason.STOP, QUESTION, TARGET))
    print(await busy_child(), flush=True)
    await marking
asyncio.run(main())
"""
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) as parent:
        child = psutil.Process(int(parent.stdout.readline()))
        parent.kill()
    assert psutil.wait_procs([child], timeout=20)[1] == []


def test_the_process_starts_without_django():
    script = (
        "import sys, experiments.graders.marking_process as m; m.graders.names(); print({'django', 'sympy'} & set(sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout == "set()\n"


async def busy_child() -> int:
    """The marking process that is hard at work on a text."""
    while not (busy := [pid for pid in child_pids() if is_computing(pid)]):  # noqa: ASYNC110 -- the kernel sends no event
        await asyncio.sleep(0.01)
    return busy[0]


async def gone(pid: int) -> None:
    while pid in child_pids():  # noqa: ASYNC110
        await asyncio.sleep(0.01)


def is_computing(pid: int) -> bool:
    """Whether it has used more processor time than its start needs on a slow machine."""
    times = psutil.Process(pid).cpu_times()
    return times.user + times.system > 1.5


def child_pids() -> list[int]:
    """The marking processes that are children of this process and not yet ended."""
    return [child.pid for child in psutil.Process().children() if is_marking(child)]


def is_marking(process: psutil.Process) -> bool:
    try:
        return process.status() != psutil.STATUS_ZOMBIE and "experiments.graders.marking_process" in process.cmdline()
    except psutil.NoSuchProcess:
        return False
