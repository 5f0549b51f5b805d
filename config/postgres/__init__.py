"""The embedded PostgreSQL: where its data lies, how it is started and stopped,
and the Django database engine that starts it with the first connection."""
