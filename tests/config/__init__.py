"""Tests of the set-up: database, queue, supervisor, commands."""
