"""What is kept of one person: all of it in one archive, and none of it once they leave."""
