"""What is shown of pages elsewhere that people link to: fetched once, kept, shared by all."""
