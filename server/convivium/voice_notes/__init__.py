"""Voice notes: spoken words that people send, written anew, kept as files, and forgotten."""
