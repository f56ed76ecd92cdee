"""A key works for one base URL, is never shown, and never lies readable on the disk."""

import stat
from pathlib import Path

import pytest

from experiments.domain.errors import InvalidInput
from experiments.inference import consents, keys
from experiments.inference.base_urls import normal_url
from experiments.inference.redaction import HIDDEN, redact

SECRET = "sk-planted-5f3c9a1e7b"
URL = "https://api.example.com/v1"


@pytest.fixture(autouse=True)
def own_folder(settings, tmp_path):
    settings.ASSAY_DATA_DIR = tmp_path
    return tmp_path


def test_a_stored_key_is_given_for_its_own_address_in_any_spelling():
    keys.store("work", SECRET, "HTTPS://API.example.com:443/v1/")
    assert keys.stored_key("work", URL) == SECRET
    assert keys.stored() == {"work": URL}


@pytest.mark.parametrize(
    "other",
    [
        "https://api.example.com/v2",
        "http://api.example.com/v1",
        "https://api.example.com.evil.net/v1",
        "https://api.example.com:8443/v1",
    ],
)
def test_another_address_is_refused_without_showing_the_key(other):
    keys.store("work", SECRET, URL)
    with pytest.raises(InvalidInput, match=f"was entered for {URL} and is not sent to .* Enter the key again") as refused:
        keys.stored_key("work", other)
    assert SECRET not in str(refused.value)


def test_on_the_disk_it_is_encrypted_and_readable_by_nobody_else(own_folder):
    keys.store("work", SECRET, URL)
    (file,) = (own_folder / "keys").iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert SECRET.encode() not in file.read_bytes()


def test_storing_again_replaces_and_forgetting_deletes():
    keys.store("work", "first-key", URL)
    keys.store("work", SECRET, "https://other.example.com")
    assert keys.stored_key("work", "https://other.example.com") == SECRET
    keys.forget("work")
    keys.forget("work")
    with pytest.raises(InvalidInput, match="no stored key “work”"):
        keys.stored_key("work", URL)


def test_a_changed_secret_of_the_server_asks_for_the_key_again(settings):
    keys.store("work", SECRET, URL)
    settings.SECRET_KEY = "another"
    with pytest.raises(InvalidInput, match="secret key has changed"):
        keys.stored_key("work", URL)
    assert keys.stored() == {"work": ""}


@pytest.mark.parametrize("name", ["", "../escape", "a/b", ".hidden", "x" * 65])
def test_names_cannot_leave_the_folder(name, own_folder):
    with pytest.raises(InvalidInput, match="cannot name a key"):
        keys.store(name, SECRET, URL)


@pytest.mark.parametrize("key", ["", "  ", "two\nlines", "ключ"])
def test_what_is_no_key_is_refused(key):
    with pytest.raises(InvalidInput, match="one line of plain characters"):
        keys.store("work", key, URL)


def test_a_variable_goes_only_where_it_is_known_to_belong(monkeypatch):
    monkeypatch.setenv("ACME_API_KEY", SECRET)
    with pytest.raises(InvalidInput, match=f"ACME_API_KEY is not sent to {URL}: an administrator has to allow it"):
        keys.environment_key("ACME_API_KEY", URL)
    assert keys.environment_key("ACME_API_KEY", URL, usual_url=f"{URL}/") == SECRET
    monkeypatch.setenv("ACME_BASE_URL", URL)
    assert keys.environment_key("ACME_API_KEY", URL) == SECRET
    with pytest.raises(InvalidInput, match="is not sent to https://evil"):
        keys.environment_key("ACME_API_KEY", "https://evil.example.net", usual_url=URL)
    consents.allow_key("ACME_API_KEY", "https://second.example.net")
    assert keys.environment_key("ACME_API_KEY", "https://second.example.net") == SECRET


def test_a_variable_that_is_not_set_is_named():
    with pytest.raises(InvalidInput, match="ACME_API_KEY is not set where Assay runs"):
        keys.environment_key("ACME_API_KEY", URL)
    with pytest.raises(InvalidInput, match="“\\[key\\]” is not the name of an environment variable"):
        keys.environment_key(SECRET, URL)


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("api.example.com", "begins with http"),
        ("ftp://example.com", "begins with http"),
        ("https://user:pass@example.com", "user name or password"),
        ("https://example.com/v1?key=abc", "without \\? and #"),
        ("https://example.com:port", "is not an address"),
        (f"https://{'ä' * 70}.com", "is not an address"),
    ],
)
def test_what_cannot_be_a_base_url_is_refused(url, why):
    with pytest.raises(InvalidInput, match=why):
        normal_url(url)


@pytest.mark.parametrize(
    "text",
    [
        f"wrong key {SECRET}!",
        "wrong key c2stcGxhbnRlZC01ZjNjOWExZTdi!",
        "Incorrect API key provided: sk-plan*****1e7b. See",
        "Authorization: Bearer whatever-it-was",
    ],
)
def test_redacting_takes_out_the_key_in_every_shape(text):
    shown = redact(text, SECRET)
    assert HIDDEN in shown
    for piece in ("planted", "c2stcGxhbn", "sk-plan", "1e7b", "whatever"):
        assert piece not in shown


def test_redacting_leaves_ordinary_words_alone():
    assert redact("The key of this task-based model", "") == "The key of this task-based model"


def test_paths_stay_inside_the_data_folder(own_folder):
    keys.store("work", SECRET, URL)
    consents.allow_key("ACME_API_KEY", URL)
    assert {path.name for path in Path(own_folder / "keys").iterdir()} == {"work.key", "allowed.json"}


def test_consent_is_given_for_an_address_in_any_spelling_and_can_be_taken_back():
    assert not consents.allows_private(URL)
    consents.allow_private("https://API.example.com/v1/")
    consents.allow_key("ACME_API_KEY", URL)
    assert consents.allows_private(URL)
    assert not consents.allows_private("https://api.example.com/v2")
    consents.withdraw(URL)
    assert not consents.allows_private(URL)
    assert not consents.allows_key("ACME_API_KEY", URL)
