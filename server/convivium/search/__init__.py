"""Finding people, spaces, posts and hashtags by their words, as far as one may know of them."""
