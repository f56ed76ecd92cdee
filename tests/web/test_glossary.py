"""One source of explanations, for tooltips, the glossary's pages and the keyboard's help."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.template import Context, RequestContext, Template
from django.test import RequestFactory
from django.urls import reverse

from experiments.reports.glossary import glossary
from experiments.web.docs import FAMILIES
from experiments.web.glossary import GROUPS
from experiments.web.shortcuts import GO_TO

EXPLAIN = '{% load explaining %}{% explain "n" %}{% explain "n" %}{% explain "holm" %}'


def test_every_entry_is_a_sentence_of_a_known_kind_and_refers_to_what_there_is():
    families = {family.address: family.registry for family in FAMILIES}
    for term in glossary().values():
        assert term.kind in {kind for kind, *_ in GROUPS}, term.name
        assert term.sentence.endswith("."), term.name
        assert set(term.see) <= set(glossary()) - {term.name}, term.name
        for address in term.docs:
            family, name = address.split("/")
            assert families[family].get(name)


def test_every_explanation_asked_for_in_a_template_exists():
    asked = set()
    for path in Path(settings.BASE_DIR / "templates").rglob("*.html"):
        asked |= set(re.findall(r'{% explain "([^"]+)" %}', path.read_text()))
    assert len(asked) > 5
    assert asked <= set(glossary())


def test_each_button_opens_its_sentence_which_is_there_once():
    html = Template(EXPLAIN).render(RequestContext(RequestFactory().get("/")))
    assert html.count('popovertarget="about-n"') == 2
    assert html.count('id="about-n"') == html.count('id="about-holm"') == 1
    assert glossary()["n"].sentence in html
    assert f'href="{reverse("docs_term", args=["n"])}"' in html


def test_a_piece_sent_without_a_request_brings_its_sentences_along():
    assert 'id="about-n"' in Template(EXPLAIN).render(Context())


@pytest.mark.django_db
def test_every_entry_has_a_page_linked_from_the_glossary(viewer):
    index = viewer.get("/docs/glossary/").content.decode()
    for name in glossary():
        assert f'href="/docs/glossary/{name}/"' in index
        assert viewer.get(f"/docs/glossary/{name}/").status_code == 200
    assert viewer.get("/docs/glossary/nothing/").status_code == 404


@pytest.mark.django_db
def test_an_entry_links_to_what_refers_to_it(viewer):
    page = viewer.get("/docs/glossary/p-value/")
    assert {term.name for term in page.context["related"]} >= {"holm", "mcnemar", "sign-flip"}
    assert 'href="/docs/#strategies"' in viewer.get("/docs/glossary/strategy/").content.decode()
    assert 'href="/docs/glossary/strategy/"' in viewer.get("/docs/strategies/pool/").content.decode()
    assert 'href="/docs/strategies/pool/"' in viewer.get("/docs/glossary/pool/").content.decode()


@pytest.mark.django_db
def test_the_keyboards_help_is_a_page_and_a_piece(viewer):
    page = viewer.get("/docs/keyboard/").content.decode()
    piece = viewer.get("/docs/keyboard/", headers={"HX-Request": "true"}).content.decode()
    assert "<h1>Keyboard</h1>" in page
    assert "<html" not in piece
    for shortcut in GO_TO:
        assert f'data-keys="{" ".join(shortcut.keys)}" data-url="{reverse(shortcut.goes_to)}"' in piece
    assert len({shortcut.keys for shortcut in GO_TO}) == len(GO_TO)
