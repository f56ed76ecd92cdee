"""Consent to a private address, given on the command line."""

import pytest
from django.core.management import CommandError, call_command

from experiments.inference import consents

pytestmark = pytest.mark.django_db
URL = "http://gpu.example:8000/v1"


def test_an_address_and_a_key_are_allowed_and_withdrawn(capsys, settings, tmp_path):
    settings.ASSAY_DATA_DIR = tmp_path
    call_command("allow_endpoint", f"{URL}/", "--key", "VLLM_API_KEY")
    assert capsys.readouterr().out == f"{URL} may be asked, with the key in VLLM_API_KEY.\n"
    assert consents.allows_private(URL)
    assert consents.allows_key("VLLM_API_KEY", URL)
    call_command("allow_endpoint", URL, "--withdraw")
    assert capsys.readouterr().out == f"Nothing is allowed for {URL} any more.\n"
    assert not consents.allows_private(URL)
    assert not consents.allows_key("VLLM_API_KEY", URL)


def test_what_is_no_address_is_refused(settings, tmp_path):
    settings.ASSAY_DATA_DIR = tmp_path
    with pytest.raises(CommandError, match="begins with http"):
        call_command("allow_endpoint", "gpu.example")
