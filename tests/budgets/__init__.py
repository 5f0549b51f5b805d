"""Tests of plans, the ledger and exchange rates."""
