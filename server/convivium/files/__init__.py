"""Files that people send, whatever they show: kept in a folder, and forgotten with their rows."""
