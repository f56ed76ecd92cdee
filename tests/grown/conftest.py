"""Real servers for the tests of this folder: one PostgreSQL and one Redis a session, started at the first test that asks."""

import shutil
from collections.abc import Iterator

import pytest

from experiments.management.local_servers import LocalPostgres, LocalRedis, data_folder, free_port


def pytest_collection_modifyitems(items) -> None:
    for item in items:
        if item.path.parent.name == "grown":
            item.add_marker(pytest.mark.grown)


@pytest.fixture(scope="session")
def postgres() -> Iterator[LocalPostgres]:
    """A running server; `postgres.database_url("name")` makes a database."""
    folder = data_folder("assay-postgres-")
    with LocalPostgres(folder, free_port()) as server:
        yield server
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def redis() -> Iterator[LocalRedis]:
    """A running server; `redis.url` is its database 0."""
    folder = data_folder("assay-redis-")
    with LocalRedis(folder, free_port()) as server:
        yield server
    shutil.rmtree(folder, ignore_errors=True)
