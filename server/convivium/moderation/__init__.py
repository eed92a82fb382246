"""What people say of others and of spaces to the moderators, what these do, and the log of it."""
