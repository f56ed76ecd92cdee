"""What Django is told about the database, from its address: SQLite for one machine, PostgreSQL for many."""

import sys
from pathlib import Path
from urllib.parse import quote, urlsplit

import dj_database_url
from django.core.exceptions import ImproperlyConfigured

_SCHEMES = {"sqlite": "sqlite", "postgres": "postgresql", "postgresql": "postgresql"}

# Seconds until a request goes without a connection. With what it takes to find out why, a page says so within five.
_POOL_SECONDS = 2.5
_CONNECT_SECONDS = 2
# A machine that is cut off is noticed after so long at both ends. A page does not wait longer than that, and PostgreSQL
# frees what the other machine had locked well before anybody's lease runs out.
_SILENCE = {"keepalives_idle": 2, "keepalives_interval": 1, "keepalives_count": 2}
_SILENCE_MS = 4_000


def database(url: str, test_file: Path, most_connections: int) -> dict:
    """Django's entry for the database. `most_connections`: of one process, PostgreSQL only.

    Raises ImproperlyConfigured for an address that is no database of ours.
    """
    scheme = url.partition(":")[0].lower()
    if scheme not in _SCHEMES:
        raise ImproperlyConfigured(
            f"DATABASE_URL begins with {scheme!r}, which is no database Assay knows. Leave it empty for SQLite in the "
            "data folder, or set sqlite:////path/to/file or postgres://user:password@host:5432/name."
        )
    try:
        entry = dj_database_url.parse(url)
    except ValueError:
        # Not in the library's words: what it takes for the port may be half of the password.
        raise ImproperlyConfigured(
            "DATABASE_URL cannot be read. Write postgres://user:password@host:5432/name, and in the password %2F for /, "
            "%3A for :, %40 for @ and %23 for #."
        ) from None
    if not entry["NAME"]:
        raise ImproperlyConfigured("DATABASE_URL names no database. Write postgres://user:password@host:5432/name.")
    return {**entry, **(_sqlite(test_file) if _SCHEMES[scheme] == "sqlite" else _postgresql(entry, most_connections))}


def address_of(name: str, url: str) -> str:
    """The DATABASE_URL of the database of this name on the server at `url`; where that is SQLite, the name is a file."""
    parts = urlsplit(url)
    if _SCHEMES.get(parts.scheme.lower(), "sqlite") == "sqlite":
        return f"sqlite:///{name}"
    return parts._replace(path=f"/{quote(name, safe='')}").geturl()


def is_elsewhere(url: str) -> bool:
    """Whether the address names a server on another machine."""
    if not url.startswith("postgres"):
        return False
    try:
        return urlsplit(url).hostname not in (None, "localhost", "127.0.0.1", "::1")
    except ValueError:
        return False  # `database` says so


def _sqlite(test_file: Path) -> dict:
    options = {
        # A reader never waits for the writer (WAL); a second writer waits up to 30 s instead of failing at once.
        "timeout": 30,
        "transaction_mode": "IMMEDIATE",
        # FULL: a committed sample also survives a power cut; the writer commits about ten times a second.
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-65536; PRAGMA mmap_size=268435456;",
    }
    # Tests use a file too, as the real thing does: several threads and processes, WAL and all.
    return {"OPTIONS": options, "TEST": {"NAME": test_file}}


def _postgresql(entry: dict, most_connections: int) -> dict:
    server = {
        "timezone": "UTC",
        # As patient as SQLite is here. A migration that waited longer would hold up everybody behind it.
        "lock_timeout": "30s",
        # Nothing here keeps a transaction open while it does something else; a stopped process shall not keep its locks.
        "idle_in_transaction_session_timeout": "5min",
        **{f"tcp_{name}": value for name, value in _SILENCE.items()},
        "tcp_user_timeout": _SILENCE_MS,
    }
    options = {
        "connect_timeout": _CONNECT_SECONDS,
        "application_name": f"assay {_part()}",
        **_SILENCE,
        "tcp_user_timeout": _SILENCE_MS,
        "options": " ".join(f"-c {name}={value}" for name, value in server.items()),
        # What the address says goes before.
        **entry.get("OPTIONS", {}),
        "pool": {
            # Opened on demand, closed after a while unused: a worker has two or three, a busy web process many.
            "min_size": 0,
            "max_size": most_connections,
            "max_idle": 120,
            "timeout": _POOL_SECONDS,
            "reconnect_timeout": _POOL_SECONDS,
        },
    }
    return {"ENGINE": "webapp.postgresql", "CONN_MAX_AGE": 0, "OPTIONS": options}


def _part() -> str:
    """Which part of Assay this process is, for pg_stat_activity: "worker", "serve", "uvicorn"."""
    program = Path(sys.argv[0])
    if program.name == "manage.py" and len(sys.argv) > 1:
        return sys.argv[1]
    return program.parent.name if program.name == "__main__.py" else program.stem
