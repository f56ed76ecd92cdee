"""One zip for a reviewer: whole, hashed, readable without anything else, and never all of it in memory."""

import csv
import hashlib
import io
import json
import re
import tracemalloc
import zipfile
from dataclasses import asdict

import pytest
from PIL import Image

from experiments.models import Attempt, Finding, Run
from experiments.reports.drawn_figures import drawn
from experiments.reports.export_formats import export
from experiments.reports.review_pack import report, review_pack
from experiments.studies.base import Figure, HeatMap, Series
from tests.factories import make_run, make_sample

pytestmark = pytest.mark.django_db

LINES = Figure(
    "Accuracy <against> k",
    "k",
    "accuracy",
    [
        Series("oracle $x$", [1, 2, 4], [0.25, None, 0.75], [0.1, None, 0.5], [0.4, None, 0.9], n=25),
        Series("law", [1, 4], [0.2, 0.9], dashed=True, markers=False),
    ],
    x_log=True,
    x_marks={"2 samples": 2.0},
)
POINTS = Figure(
    "Points",
    "tokens",
    "accuracy",
    [Series("A", [10.0], [0.5], [0.4], [0.6], n=9, bars=True, lines=False, x_low=[8.0], x_high=[13.0])],
)
PARTS = Figure(
    "Parts",
    "arm",
    "share",
    [Series("right", [0, 1], [0.5, 0.25]), Series("wrong", [0, 1], [0.5, 0.75])],
    x_labels=["a", "b"],
    stacked=True,
)
MAP = HeatMap("Map", "task", "condition", "drop", ["one", "two"], ["typos"], [[0.5, None]], around_zero=True)


@pytest.fixture
def run() -> Run:
    made = make_run(problems=2, n=3)
    for attempt in made.attempts.all():
        for index in range(3):
            make_sample(attempt, index, "=1+1 <script>alert(1)</script> The answer is 3.", "correct")
    made.attempts.update(state=Attempt.State.DONE)
    Finding.objects.create(
        run=made, position=0, key="headline", title="Best of N", sentence="A <b>clear</b> sentence.", figure=asdict(LINES)
    )
    Finding.objects.create(run=made, position=1, key="map", title="Map", sentence="Where it drops.", figure=asdict(MAP))
    return made


@pytest.fixture
def pack(run) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(b"".join(review_pack(run))))


def test_every_file_has_the_hash_that_the_manifest_says(pack):
    assert pack.testzip() is None
    about = json.loads(pack.read("manifest.json"))
    assert set(about["files"]) == set(pack.namelist()) - {"manifest.json"}
    for name, told in about["files"].items():
        assert hashlib.sha256(pack.read(name)).hexdigest() == told["sha256"], name
        assert len(pack.read(name)) == told["bytes"]


def test_samples_are_those_of_the_ordinary_exports(run, pack):
    assert pack.read("samples.csv") == b"".join(export(run, "csv"))
    assert pack.read("samples.jsonl") == b"".join(export(run, "jsonl"))


def test_figures_are_pictures_drawings_and_numbers(pack):
    picture = Image.open(io.BytesIO(pack.read("figures/headline.png")))
    assert picture.width > 1000
    assert pack.read("figures/headline.svg").startswith(b"<?xml")
    rows = list(csv.reader(io.StringIO(pack.read("figures/headline.csv").decode())))
    assert rows[0] == ["k", "oracle $x$ (n = 25)", "law"]
    assert rows[1] == ["1", "0.250 [0.100, 0.400]", "0.200"]


def test_the_report_reads_alone(run, pack):
    html = pack.read("report.html").decode()
    assert html == report(run)
    assert "A &lt;b&gt;clear&lt;/b&gt; sentence." in html
    assert "Where it drops." in html
    assert html.count("data:image/svg+xml;base64,") == 2
    assert "<script" not in html
    fetched = re.findall(r"""(?:src|href)\s*=\s*["'](?!#|data:)([^"']+)""", html)
    assert fetched == []


@pytest.mark.parametrize("figure", [LINES, POINTS, PARTS, MAP], ids=lambda figure: figure.title)
def test_the_same_figure_gives_the_same_bytes(figure):
    stored = json.loads(json.dumps(asdict(figure)))
    for format in ("svg", "png"):
        assert drawn(stored, format) == drawn(stored, format)


def test_a_run_without_findings_has_a_pack_too(db):
    bare = make_run()
    found = zipfile.ZipFile(io.BytesIO(b"".join(review_pack(bare))))
    assert "The run has no findings yet." in found.read("report.html").decode()


def test_it_is_made_piece_by_piece(run):
    attempt = run.attempts.first()
    for index in range(3, 403):
        # Hashes hardly compress.
        text = " ".join(hashlib.sha256(f"{index} {line}".encode()).hexdigest() for line in range(60))
        make_sample(attempt, index, text, None)
    first = next(review_pack(run))
    whole = sum(map(len, review_pack(run)))
    assert len(first) < whole / 4
    tracemalloc.start()
    largest = max(map(len, review_pack(run)))
    tracemalloc.stop()
    assert largest < 2_500_000
