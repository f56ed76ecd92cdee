"""What becomes of DATABASE_URL."""

import pytest

from webapp.databases import address_of, database


def read(url: str, most_connections: int = 16) -> dict:
    return database(url, "test.sqlite3", most_connections)


@pytest.mark.parametrize("scheme", ["postgres", "postgresql"])
def test_postgresql_is_pooled_and_notices_a_machine_that_is_cut_off(scheme):
    entry = read(f"{scheme}://user:secret@host:5433/assay?sslmode=require&connect_timeout=9", most_connections=5)
    assert (entry["ENGINE"], entry["HOST"], entry["NAME"]) == ("webapp.postgresql", "host", "assay")
    options = entry["OPTIONS"]
    assert options["pool"]["max_size"] == 5
    assert options["keepalives_idle"] <= 10
    assert f"-c tcp_keepalives_idle={options['keepalives_idle']}" in options["options"], "at both ends"
    assert (options["sslmode"], str(options["connect_timeout"])) == ("require", "9"), "what the address says goes before"


def test_sqlite_is_a_file_with_a_write_ahead_log():
    entry = read("sqlite:////data/assay.sqlite3")
    assert entry["NAME"] == "/data/assay.sqlite3"
    assert "journal_mode=WAL" in entry["OPTIONS"]["init_command"]


@pytest.mark.parametrize(
    ("url", "beside"),
    [
        ("postgres://u:p%2F@h:1/old?sslmode=require", "postgres://u:p%2F@h:1/new?sslmode=require"),
        ("sqlite:///old", "sqlite:///new"),
        ("", "sqlite:///new"),
    ],
)
def test_another_database_on_the_same_server_has_an_address(url, beside):
    assert address_of("new", url) == beside
