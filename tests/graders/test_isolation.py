import asyncio
import os
import signal
import subprocess
import sys
import time

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
    pool = GradingPool(time_limit_s=0.5)
    yield pool
    await pool.aclose()


async def mark(pool: GradingPool, grader, text: str):
    return await pool.mark(grader, text, FinishReason.STOP, QUESTION, TARGET)


async def test_a_grader_that_hangs_times_out_and_the_next_mark_works(pool):
    hung, seconds = await mark(pool, CATASTROPHIC, HANGS)
    assert (hung.verdict, hung.score) == (Verdict.TIMED_OUT, None)
    assert "did not finish within 0.5 s" in hung.explanation
    assert 0.5 <= seconds < 5
    following, _ = await mark(pool, PLAIN, "Answer: 13\n")
    assert following == PLAIN.mark("Answer: 13\n", FinishReason.STOP, QUESTION, TARGET)
    assert following.verdict == Verdict.CORRECT


async def test_maths_that_never_ends_times_out(pool):
    hung, _ = await mark(pool, graders.build("maths"), r"\boxed{9^{9^{9^{9}}}}")
    assert hung.verdict == Verdict.TIMED_OUT


async def test_the_event_loop_runs_on_while_a_grader_hangs(pool):
    hanging = asyncio.create_task(mark(pool, CATASTROPHIC, HANGS))
    longest, before = 0.0, time.perf_counter()
    while not hanging.done():
        await asyncio.sleep(0.01)
        now = time.perf_counter()
        longest, before = max(longest, now - before), now
    assert longest < 0.3


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
    pool = GradingPool(time_limit_s=30)
    hanging = asyncio.create_task(mark(pool, CATASTROPHIC, HANGS))
    for _ in range(2):
        pid = await busy_child()
        os.kill(pid, signal.SIGKILL)
        await gone(pid)
    given, _ = await hanging
    await pool.aclose()
    assert given.verdict == Verdict.TIMED_OUT
    assert "died twice over this text (exit status -9)" in given.explanation


async def test_a_cancelled_mark_leaves_no_process_and_spoils_no_other(pool):
    hanging = asyncio.create_task(mark(pool, CATASTROPHIC, HANGS))
    await busy_child()
    hanging.cancel()
    with pytest.raises(asyncio.CancelledError):
        await hanging
    given, _ = await mark(pool, PLAIN, "Answer: 13\n")
    assert given.verdict == Verdict.CORRECT
    assert len(child_pids()) == 1


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


async def test_at_least_500_marks_a_second(pool):
    async def seconds_for(n_marks: int) -> float:
        started = time.perf_counter()
        for _ in range(n_marks):
            await mark(pool, PLAIN, "Answer: 13\n" + "x" * 300)
        return time.perf_counter() - started

    # The best of five, because other processes may hold the processors for a while.
    assert min([await seconds_for(100) for _ in range(5)]) < 100 / 500


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
        child = int(parent.stdout.readline())
        parent.kill()
    ends = time.monotonic() + 10
    while is_running(child) and time.monotonic() < ends:
        time.sleep(0.01)
    assert not is_running(child)


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
    """Whether it is in no system call, and has used more processor time (0.3 s) than its start needs."""
    with open(f"/proc/{pid}/syscall") as file:
        return file.read().startswith("running") and ticks(pid) >= 30


def child_pids() -> list[int]:
    """The marking processes that are children of this process and not yet ended."""
    children = subprocess.run(
        ["ps", "-o", "pid=,stat=,args=", "--ppid", str(os.getpid())], capture_output=True, text=True, check=False
    )
    rows = [line.split(None, 2) for line in children.stdout.splitlines()]
    return [int(pid) for pid, state, args in rows if "marking_process" in args and not state.startswith("Z")]


def is_running(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def ticks(pid: int) -> int:
    """Processor time used so far, in hundredths of a second."""
    with open(f"/proc/{pid}/stat") as file:
        fields = file.read().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])
