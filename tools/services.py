"""Run the tests marked `services` against this machine's PostgreSQL, Redis and RabbitMQ.

Each is used at the address its variable names, else at its usual local port when it
answers there. A test whose service does not answer is skipped and says so.
"""

import os
import socket
import subprocess
import sys

import psycopg

SERVICES = {"redis": ("SERVICES_REDIS_URL", 6379), "rabbitmq": ("SERVICES_RABBITMQ_URL", 5672)}
DEFAULTS = {
    "redis": "redis://127.0.0.1:6379/0",
    "rabbitmq": "amqp://guest:guest@127.0.0.1:5672//",
}
# Whoever may create databases on a local server that trusts local connections.
POSTGRES_CANDIDATES = [
    f"postgresql://{user}@127.0.0.1:5432/{database}"
    for user in ("postgres", "root")
    for database in ("postgres", "test")
]


def answers(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def postgres() -> str:
    """The first server that lets us make databases, or nothing."""
    given = os.environ.get("DATABASE_URL")
    for address in [given] if given else POSTGRES_CANDIDATES:
        try:
            with psycopg.connect(address, connect_timeout=2) as connection:
                question = "SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = user"
                row = connection.execute(question).fetchone()
        except psycopg.OperationalError:
            continue
        if row and row[0]:
            return address
    return ""


def main() -> int:
    environment = dict(os.environ)
    if address := postgres():
        environment["DATABASE_URL"] = address
    print(f"postgresql: {address or 'does not answer; the embedded server is used'}")
    for name, (variable, port) in SERVICES.items():
        if variable not in environment and answers(port):
            environment[variable] = DEFAULTS[name]
        print(f"{name}: {environment.get(variable, 'does not answer')}")
    command = [sys.executable, "-m", "pytest", "-m", "services", *sys.argv[1:]]
    code = subprocess.run(command, env=environment, check=False).returncode
    return 0 if code == NO_TESTS else code


NO_TESTS = 5

if __name__ == "__main__":
    sys.exit(main())
