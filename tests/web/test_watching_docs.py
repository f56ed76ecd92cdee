"""docs/watching.md and the example alerts name the metrics that exist, and no others."""

import re

import pytest
import yaml
from django.conf import settings as django_settings

from experiments.runner.vitals import WebVitals
from experiments.web.metrics import Installation, WebProcess

pytestmark = pytest.mark.django_db


@pytest.fixture
def told(settings) -> dict[str, str]:
    """Kind of every metric, by the name under which it is asked for."""
    settings.ASSAY_BROKER_URL = "memory://"
    families = [*Installation().collect(), *WebProcess(WebVitals()).collect()]
    return {family.name + ("_total" if family.type == "counter" else ""): family.type for family in families}


def test_the_page_lists_every_metric_once(told):
    text = (django_settings.BASE_DIR / "docs" / "watching.md").read_text()
    listed = re.findall(r"^\| `(assay_\w+)` \|", text, re.MULTILINE)
    assert sorted(listed) == sorted(told)
    assert len(told) > 30


def test_alerts_are_rules_about_metrics_that_exist(told):
    known = set(told) | {f"{name}{part}" for name, kind in told.items() if kind == "summary" for part in ("_sum", "_count")}
    rules = yaml.safe_load((django_settings.BASE_DIR / "deploy" / "prometheus" / "alerts.yml").read_text())
    alerts = [rule for group in rules["groups"] for rule in group["rules"]]
    assert len({alert["alert"] for alert in alerts}) == len(alerts) > 10
    for alert in alerts:
        assert {"alert", "expr", "annotations"} <= set(alert) <= {"alert", "expr", "annotations", "for"}
        assert alert["annotations"]["summary"].endswith((".", "?"))
        named = re.findall(r"\bassay_\w+", alert["expr"])
        assert set(named) <= known, alert["alert"]
        assert named or alert["expr"].startswith("up{"), alert["alert"]
        assert alert["expr"].count("(") == alert["expr"].count(")")
