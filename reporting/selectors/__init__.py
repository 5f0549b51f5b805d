"""What people read: assembled from the selectors of the rooms below."""
