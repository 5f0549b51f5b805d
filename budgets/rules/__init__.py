"""Pure rules of budgets: moves and their net, exchange rates, who bears an actual."""
