"""Keys and consents on several machines that share a database."""

import pytest
from django.db import connection

from experiments.inference import consents, key_files, keys
from experiments.models import KeyringFile

URL = "https://models.example/v1"

on_postgres = pytest.mark.skipif(connection.vendor == "sqlite", reason="with SQLite there is one machine")


@pytest.fixture
def machine(settings, tmp_path, db):
    """`machine("a")`: from now on this process is on machine a, whose files are its own."""

    def move(name: str) -> None:
        settings.ASSAY_DATA_DIR = tmp_path / name

    move("a")
    return move


@on_postgres
def test_a_key_entered_on_one_machine_opens_on_another(machine):
    keys.store("work", "sk-secret", URL)
    machine("b")
    key_files.refresh()
    assert keys.stored_key("work", URL) == "sk-secret"
    assert b"sk-secret" not in bytes(KeyringFile.objects.get().content)
    assert (key_files.folder() / "work.key").stat().st_mode & 0o777 == 0o600


@on_postgres
def test_a_key_forgotten_on_one_machine_is_gone_from_all(machine):
    keys.store("work", "sk-secret", URL)
    machine("b")
    key_files.refresh()
    keys.forget("work")
    machine("a")
    key_files.refresh()
    assert keys.stored() == {}


@on_postgres
def test_consents_given_on_two_machines_add_up(machine):
    consents.allow_private("http://10.0.0.1/v1")
    machine("b")
    consents.allow_private("http://10.0.0.2/v1")
    machine("a")
    key_files.refresh()
    assert list(consents.allowed()) == ["http://10.0.0.1/v1", "http://10.0.0.2/v1"]


@pytest.mark.skipif(connection.vendor != "sqlite", reason="with PostgreSQL they are shared")
def test_with_sqlite_keys_stay_out_of_the_database(machine):
    keys.store("work", "sk-secret", URL)
    key_files.refresh()
    assert not KeyringFile.objects.exists()
    assert keys.stored_key("work", URL) == "sk-secret"
