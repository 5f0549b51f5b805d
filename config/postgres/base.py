"""Django's PostgreSQL engine, on a server that is started when first needed."""

from collections.abc import Iterable
from typing import Any

import psycopg
from django.db.backends.postgresql import base, client

from config.postgres.binaries import binaries_for
from config.postgres.server import server_of


class DatabaseClient(client.DatabaseClient):
    """`manage.py dbshell` with the psql that came with the server."""

    def runshell(self, parameters: Iterable[str]) -> None:
        place = self.connection.settings_dict["EMBEDDED"]
        server_of(place).hold()
        self.executable_name = str(binaries_for(place.data).program("psql"))
        super().runshell(parameters)


class DatabaseWrapper(base.DatabaseWrapper):
    client_class = DatabaseClient

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """A connection; the server is running when this returns."""
        server = server_of(self.settings_dict["EMBEDDED"])
        server.hold()
        try:
            return super().get_new_connection(conn_params)
        except psycopg.OperationalError:
            if server.answers():
                raise
            server.start()
            return super().get_new_connection(conn_params)
