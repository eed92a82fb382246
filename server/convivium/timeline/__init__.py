"""What one sees first: the spaces that are live right now, and the timeline."""
