"""The memory that is free, and what is said when a model needs more."""

import psutil
import pytest

from experiments.inference import memory
from experiments.inference.memory import DoesNotFit, MemoryPlan

MIB = 2**20
PLAN = MemoryPlan({"weights": 300 * MIB, "cache": 200 * MIB}, advice="Lower the context tokens.")


def test_a_model_that_does_not_fit_is_refused_with_its_needs_and_what_to_lower():
    with pytest.raises(
        DoesNotFit,
        match=r"“big” needs 500 MiB of memory \(weights 300 MiB, cache 200 MiB\) and 499 MiB are free\. Lower the context tokens",
    ):
        PLAN.require("big", 499 * MIB)


def test_a_model_that_fits_exactly_is_let_in():
    PLAN.require("big", 500 * MIB)


def test_a_plan_that_a_gpu_may_carry_does_not_bind():
    MemoryPlan(PLAN.parts, PLAN.advice, is_bound=False).require("big", 0)


@pytest.mark.parametrize("names", [("memory.max", "memory.current", "inactive_file"), memory._CGROUP_FILES[1]])
def test_a_control_groups_limit_counts_and_its_reclaimable_pages_are_free(monkeypatch, tmp_path, names):
    limit, use, reclaimable = names
    monkeypatch.setattr(memory, "_CGROUP", tmp_path)
    (tmp_path / limit).parent.mkdir(exist_ok=True)
    (tmp_path / limit).write_text(f"{500 * MIB}\n")
    (tmp_path / use).write_text(f"{150 * MIB}\n")
    (tmp_path / limit).with_name("memory.stat").write_text(f"anon 7\n{reclaimable} {50 * MIB}\n")
    assert memory.n_free_bytes() == 400 * MIB - memory._SPARED_BYTES


def test_a_group_without_a_limit_leaves_what_the_system_has(monkeypatch, tmp_path):
    monkeypatch.setattr(memory, "_CGROUP", tmp_path)
    (tmp_path / "memory.max").write_text("max\n")
    assert memory.n_free_bytes() == pytest.approx(psutil.virtual_memory().available - memory._SPARED_BYTES, abs=500 * MIB)
