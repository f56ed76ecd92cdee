"""`manage.py serve --grown`, which is `make run-grown`: one machine does what several would."""

import shutil

import psutil

from experiments.management.local_servers import data_folder
from tests.runner.processes import wait_until
from tests.site import Site


def test_it_starts_its_servers_and_two_of_each_process_and_stops_them_all():
    folder = data_folder("assay-grown-")
    with Site(folder, "--grown", ASSAY_BROKER_URL="") as site:
        site.wait_for("Stop with Ctrl-C", 120)
        wait_until(lambda: len(site.children("manage.py worker")) == 2, 30)
        for word in ("postgres", "redis-server", "uvicorn", "beat"):
            assert site.children(word), word
        everyone = psutil.Process(site.process.pid).children(recursive=True)
        assert site.stop() == 0
    assert psutil.wait_procs(everyone, timeout=30)[1] == []
    assert "Traceback" not in "".join(site.output)
    shutil.rmtree(folder)
