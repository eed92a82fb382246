"""How this instance is called, what it says of itself, and which colours and sign it has."""
