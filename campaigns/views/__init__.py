"""Pages on which campaigns and initiatives are made and changed."""
