"""The media engine of Convivium; everything lies in the compiled module `_engine`."""
