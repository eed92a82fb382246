"""The media engine as Python sees it, and a fake that knows who would be heard by whom."""
