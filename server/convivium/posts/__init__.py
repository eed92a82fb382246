"""Posts: what people write, answer, like, repost and quote, and who sees which of it."""
