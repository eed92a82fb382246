"""Pictures that people send: written anew, kept as files, and forgotten when nothing shows them."""
