"""Django's PostgreSQL with a pool that gets over a restart of the server, and says why when it cannot connect."""

import time

import psycopg
from django.db.backends.postgresql import base
from psycopg_pool import PoolTimeout

# A server that was restarted says at once that a connection is dead. Longer, and the way there is cut: the next
# connection would only make the page wait once more.
_CUT_OFF_SECONDS = 1.0


class DatabaseWrapper(base.DatabaseWrapper):
    def get_new_connection(self, conn_params):
        """A connection that answers.

        When the server was restarted, everything that lies idle in the pool is dead. The pool's own check finds that out
        one by one with growing pauses, longer than anybody waits; here the first dead one empties the pool.
        """
        connection = self._from_pool(conn_params)
        if not self.pool:
            return connection
        asked_at = time.monotonic()
        try:
            connection.execute("")
        except psycopg.OperationalError:
            self.pool.putconn(connection)
            self.pool.drain()
            if time.monotonic() - asked_at > _CUT_OFF_SECONDS:
                raise
            connection = self._from_pool(conn_params)
        return connection

    def _from_pool(self, conn_params: dict) -> psycopg.Connection:
        try:
            return super().get_new_connection(conn_params)
        except PoolTimeout as error:
            raise self._reason(conn_params, error) from None

    def _reason(self, conn_params: dict, error: PoolTimeout) -> psycopg.OperationalError:
        """Why the pool had none: what a connection of our own is told, or that all are in use."""
        try:
            psycopg.connect(**conn_params).close()
        except psycopg.OperationalError as refused:
            return refused
        most = self.settings_dict["OPTIONS"]["pool"]["max_size"]
        return psycopg.OperationalError(
            f"all {most} connections of this process to PostgreSQL are in use ({error}); raise ASSAY_DATABASE_CONNECTIONS"
        )
