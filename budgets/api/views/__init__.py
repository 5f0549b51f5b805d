"""Budgets over the API; one module per topic."""
