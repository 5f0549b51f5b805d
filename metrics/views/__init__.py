"""Pages of goals: targets with their pace, and the tree of metrics."""
