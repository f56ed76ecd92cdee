"""The pool of connections to a server that is restarted, goes away, or has no more to give."""

import shutil
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import ConnectionHandler, OperationalError

from experiments.management.local_servers import LocalPostgres, data_folder, free_port
from webapp.databases import database

N_THREADS = 6


@pytest.fixture(scope="module")
def server(django_db_blocker) -> Iterator[LocalPostgres]:
    """One of our own: it is restarted. It is not the database of the tests, which they have no business with here."""
    folder = data_folder("assay-pool-")
    with LocalPostgres(folder, free_port()) as running, django_db_blocker.unblock():
        yield running
    shutil.rmtree(folder, ignore_errors=True)


def connections_to(server: LocalPostgres, most: int = N_THREADS) -> ConnectionHandler:
    return ConnectionHandler({"default": database(server.url, "unused", most)})


def ask(connections: ConnectionHandler, meanwhile=lambda: None) -> int:
    """One question on a connection of this thread, which then goes back to the pool. Returns the server process asked."""
    connection = connections["default"]
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            meanwhile()
            return cursor.fetchone()[0]
    finally:
        connection.close()


def ask_at_once(connections: ConnectionHandler) -> list[int]:
    """From as many threads at the same time as there may be connections."""
    together = threading.Barrier(N_THREADS)
    with ThreadPoolExecutor(N_THREADS) as threads:
        asked = [threads.submit(ask, connections, lambda: together.wait(30)) for _ in range(N_THREADS)]
        return [each.result() for each in asked]


def test_after_a_restart_nobody_meets_a_dead_connection(server):
    connections = connections_to(server)
    try:
        before = set(ask_at_once(connections))
        assert len(before) == N_THREADS
        server.stop()
        server.start()
        after = {ask(connections) for _ in range(2 * N_THREADS)}
        assert not after & before
    finally:
        connections["default"].close_pool()


def test_connections_are_lent_again(server):
    connections = connections_to(server)
    try:
        assert len({ask(connections) for _ in range(5)}) == 1
    finally:
        connections["default"].close_pool()


def test_when_all_are_in_use_the_message_names_the_setting(server):
    connections = connections_to(server, most=1)
    try:
        with ThreadPoolExecutor(1) as thread:

            def ask_for_another() -> None:
                with pytest.raises(OperationalError, match=r"all 1 connections .* raise ASSAY_DATABASE_CONNECTIONS"):
                    thread.submit(ask, connections).result()

            ask(connections, ask_for_another)
    finally:
        connections["default"].close_pool()


def test_a_server_that_is_away_is_named_and_found_again(server):
    connections = connections_to(server)
    try:
        server.stop()
        with pytest.raises(OperationalError, match=f"port {server.port} failed: Connection refused"):
            ask(connections)
        server.start()
        assert ask(connections)
    finally:
        connections["default"].close_pool()
