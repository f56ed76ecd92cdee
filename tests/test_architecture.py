"""The house rules that a machine can check: floors, plug-ins that describe themselves, nothing from other hosts."""

import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from experiments.api.plugins import FAMILIES

ROOT = Path(__file__).resolve().parent.parent
PLUGINS = [pytest.param(plugin, id=f"{family}-{plugin.name}") for family, registry in FAMILIES.items() for plugin in registry]
OURS = [path for folder in ("templates", "static") for path in (ROOT / folder).rglob("*") if path.is_file()]


def test_every_file_imports_only_from_lower_floors():
    checked = subprocess.run([Path(sys.executable).with_name("lint-imports")], cwd=ROOT, capture_output=True, text=True)
    assert checked.returncode == 0, checked.stdout


def test_every_family_has_a_plug_in():
    assert [family for family, registry in FAMILIES.items() if not registry.names()] == []


@pytest.mark.parametrize("plugin", PLUGINS)
def test_a_plug_in_describes_itself_and_its_options(plugin):
    assert plugin.label
    assert plugin.__doc__, "the docstring's first line is its description everywhere"
    assert re.fullmatch(r"[a-z][a-z0-9_]*", plugin.name)
    for name, option in plugin.model_fields.items():
        assert option.title, name
        assert option.description, name


@pytest.mark.parametrize("plugin", PLUGINS)
def test_a_plug_ins_options_are_frozen_and_strict(plugin):
    assert plugin.model_config["frozen"]
    assert plugin.model_config["extra"] == "forbid"


def test_each_plug_in_has_a_file_of_its_own():
    modules = Counter(plugin.__module__ for registry in FAMILIES.values() for plugin in registry)
    assert [module for module, plugins in modules.items() if plugins > 1] == []


def test_our_templates_scripts_and_styles_name_no_other_host():
    # A namespace's name is never fetched.
    texts = {path: path.read_text().replace("http://www.w3.org/", "") for path in OURS}
    assert {path: found for path, text in texts.items() if (found := re.findall(r"""(?:https?:|["'(])//[\w.-]+""", text))} == {}


@pytest.mark.parametrize(
    "forbidden", [r"\|\s*safe\b", r"autoescape off", r"<script(?![^>]*\ssrc=)", r"\son[a-z]+\s*=", "javascript:"]
)
def test_our_templates_trust_no_text_and_hold_no_script(forbidden):
    pages = {path: path.read_text() for path in OURS if path.suffix == ".html"}
    assert len(pages) > 20
    assert [path.name for path, text in pages.items() if re.search(forbidden, text)] == []
