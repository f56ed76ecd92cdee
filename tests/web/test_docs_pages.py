"""The documentation names every plug-in and every option, without being told of them."""

import importlib
import inspect
import pkgutil

import pytest
from django.utils.html import escape

import experiments
from experiments.domain.registry import Registry
from experiments.models import Grade
from experiments.reports.glossary import terms_of
from experiments.statistics.selectors.family import SELECTORS
from experiments.web.docs import FAMILIES
from experiments.web.option_fields import flat_fields

pytestmark = pytest.mark.django_db
PLUGINS = [(family.address, plugin) for family in FAMILIES for plugin in family.registry]


@pytest.mark.parametrize(("family", "plugin"), PLUGINS, ids=lambda value: value if isinstance(value, str) else value.name)
def test_every_plugin_has_a_page_with_its_options(viewer, family, plugin):
    page = viewer.get(f"/docs/{family}/{plugin.name}/").content.decode()
    first_words = inspect.getdoc(plugin).split("`")[0].split("\n")[0]
    assert escape(first_words) in page
    for option in flat_fields(plugin):
        assert f"<code>{option.name}</code>" in page


def test_every_registry_has_its_family():
    bases = [
        module.name for module in pkgutil.walk_packages(experiments.__path__, "experiments.") if module.name.endswith(".base")
    ]
    found = [each for name in bases for each in vars(importlib.import_module(name)).values() if isinstance(each, Registry)]
    shown = [family.registry for family in FAMILIES]
    assert len(found) > 7
    assert all(any(each is registry for registry in shown) for each in found)


def test_the_first_page_lists_every_plugin(viewer):
    page = viewer.get("/docs/").content.decode()
    for family, plugin in PLUGINS:
        assert f'href="/docs/{family}/{plugin.name}/"' in page


def test_every_selector_is_explained(viewer):
    page = viewer.get("/docs/").content.decode()
    for selector in SELECTORS.values():
        assert f"<dt>{escape(selector.name_with('the verifier'))}</dt>" in page
        assert escape(selector.description.split("`")[0].split("\n")[0]) in page


def test_an_analysis_says_what_it_needs_in_the_pools(viewer):
    assert "<dd>second grader in the pools</dd>" in viewer.get("/docs/analyses/imperfect_verifier/").content.decode()


def test_every_verdict_is_explained():
    assert [term.name for term in terms_of("verdict")] == Grade.Verdict.values


def test_unknown_names_are_not_found(viewer):
    assert viewer.get("/docs/studies/nothing/").status_code == 404
    assert viewer.get("/docs/nothing/pool/").status_code == 404
