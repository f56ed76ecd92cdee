"""Downloads of a run for people: the review pack, and single figures."""

import pytest

from tests.factories import make_run

pytestmark = pytest.mark.django_db


def test_the_review_pack_is_a_zip(viewer):
    run = make_run()
    response = viewer.get(f"/runs/{run.pk}/export/?format=pack")
    assert response["Content-Type"] == "application/zip"
    assert response["Content-Disposition"].endswith('.review.zip"')


def test_a_figure_is_downloaded_in_three_formats(viewer):
    run = make_run()
    series = {"name": "a", "x": [1], "y": [0.5], "low": None, "high": None, "n": 3, "dashed": False, "markers": True}
    figure = {"title": "t", "x_title": "k", "y_title": "accuracy", "series": [series], "x_log": False, "y_range": None}
    run.findings.create(position=0, key="curves", title="Curves", sentence="s", figure=figure)
    for format, start in (("svg", b"<?xml"), ("png", b"\x89PNG"), ("csv", b"k,")):
        response = viewer.get(f"/runs/{run.pk}/figure/?key=curves&format={format}")
        assert response.content.startswith(start)
        assert f'run-{run.pk}-curves.{format}"' in response["Content-Disposition"]
    for wrong in ("?key=none&format=svg", "?key=curves&format=pdf", ""):
        assert viewer.get(f"/runs/{run.pk}/figure/{wrong}").status_code == 404
