"""What the API shows and takes of budgets; one module per topic."""
