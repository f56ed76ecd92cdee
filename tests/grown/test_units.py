"""The systemd units, started as plain processes with the settings of the example file: a run completes."""

import configparser
import re
import shlex
import shutil
import urllib.request
from pathlib import Path

import pytest

from experiments.management.local_servers import data_folder, free_port
from tests.grown.placed_lab import PlacedLab
from tests.runner.processes import ROOT, wait_until

UNITS = ROOT / "deploy" / "systemd"
PYTHON = "/opt/assay/.venv/bin/python"


def service(unit: str) -> configparser.SectionProxy:
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    parser.optionxform = str
    parser.read_string((UNITS / unit).read_text())
    return parser["Service"]


def example() -> dict[str, str]:
    lines = (UNITS / "assay.env.example").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def words(unit: str, environment: dict[str, str]) -> list[str]:
    """What ExecStart says after the Python, as systemd fills it in."""
    python, *rest = shlex.split(service(unit)["ExecStart"])
    assert python == PYTHON
    return [re.sub(r"\$\{(\w+)\}", lambda name: environment[name[1]], word) for word in rest]


@pytest.fixture
def lab(postgres, redis):
    folder = data_folder("assay-units-")
    with PlacedLab(postgres.database_url("units"), redis.url, folder) as lab:
        yield lab
    shutil.rmtree(folder, ignore_errors=True)


def test_a_run_completes_with_the_processes_that_the_units_start(lab):
    port = str(free_port())
    ours = {
        "ASSAY_WEB_PORT": port,
        "ASSAY_DATA_DIR": str(lab.folder),
        "DATABASE_URL": lab.url,
        "ASSAY_BROKER_URL": lab.broker_url,
    }
    environment = example() | ours | {"ASSAY_SECRET_KEY": "one secret for all hosts"}
    for unit in ("assay-web.service", "assay-worker@.service", "assay-beat.service"):
        lab.start(*words(unit, environment), environment=environment)
    (run,) = lab.start_runs({"user": "ann", "n": 2, "problems": 4})
    lab.wait_for_state(run, "completed")
    assert wait_until(lambda: answers(f"http://127.0.0.1:{port}/login/"), 60)


def test_the_units_agree_on_user_folder_and_settings():
    units = {path.name: service(path.name) for path in sorted(UNITS.glob("*.service"))}
    assert len(units) == 3
    for unit in units.values():
        assert unit["User"] == "assay"
        assert Path(unit["ExecStart"].split()[0]).is_relative_to(unit["WorkingDirectory"])
        assert unit["Restart"] == "always"


def answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=10) as response:
            return response.status == 200
    except OSError:
        return False
