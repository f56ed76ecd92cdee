"""A plug-in for pytest: the tests that touch the database, on PostgreSQL. The others are the same on both.

The server is the one in ASSAY_TEST_DATABASE_URL, or one of our own for the session. Tests of whole installations in the
browser stay with SQLite: what they show is drawn from the same rows as the pages tested here.
"""

import atexit
import os
import shutil

# Not a model, a field or a setting in sight: importable before Django is set up.
from experiments.management.local_servers import LocalPostgres, data_folder, free_port

_DATABASE_FIXTURES = {"db", "transactional_db", "django_db_setup"}


def pytest_configure(config) -> None:
    from django.db import connection

    if connection.vendor != "postgresql":
        raise RuntimeError("ASSAY_TEST_DATABASE_URL does not begin with postgres://")


def pytest_collection_modifyitems(config, items) -> None:
    chosen = [item for item in items if _touches_database(item)]
    config.hook.pytest_deselected(items=[item for item in items if item not in set(chosen)])
    items[:] = chosen


def _touches_database(item) -> bool:
    if item.get_closest_marker("browser"):
        return False
    return item.get_closest_marker("django_db") is not None or not _DATABASE_FIXTURES.isdisjoint(item.fixturenames)


def _start_server() -> str:
    folder = data_folder("assay-test-postgres-")
    # Nothing here outlives the session.
    unsafe = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
    server = LocalPostgres(folder, free_port(), settings=unsafe)
    server.start()
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    atexit.register(server.stop)
    return server.database_url("assay")


# Before Django reads its settings.
os.environ["DATABASE_URL"] = os.environ.get("ASSAY_TEST_DATABASE_URL") or _start_server()
