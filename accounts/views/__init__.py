"""Pages about people, teams, roles, tokens and the organisation, and what stands before all pages."""
