"""The servers that tests, benchmarks and `serve --grown` start for themselves."""

import shutil

import psycopg
import pytest

from experiments.management.local_servers import LocalPostgres, LocalRedis, ServersMissing, data_folder, free_port


@pytest.fixture
def folder():
    made = data_folder()
    yield made
    shutil.rmtree(made)


@pytest.mark.parametrize("kill", [False, True])
def test_postgres_keeps_what_was_committed_over_a_restart(folder, kill):
    with LocalPostgres(folder, free_port()) as server:
        url = server.database_url("lab")
        with psycopg.connect(url) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 7 AS number")
        server.stop(kill=kill)
        with pytest.raises(psycopg.OperationalError):
            psycopg.connect(url)
        server.start()
        with psycopg.connect(server.database_url("lab")) as connection:
            assert connection.execute("SELECT number FROM kept").fetchone() == (7,)


@pytest.mark.parametrize("keeps", [True, False])
def test_redis_keeps_its_queues_only_where_told(folder, keeps):
    import redis

    with LocalRedis(folder, free_port(), keeps=keeps) as server:
        redis.Redis.from_url(server.url).rpush("queue", "message")
        server.stop()
        server.start()
        assert redis.Redis.from_url(server.url).llen("queue") == int(keeps)


def test_a_port_that_is_taken_is_said(folder):
    with LocalRedis(folder / "one", free_port()) as server, pytest.raises(ServersMissing, match="Redis did not start"):
        LocalRedis(folder / "two", server.port + 70_000).start()
