"""Pure rules of approvals: which steps a request needs, and what a decision covers."""
