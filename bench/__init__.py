"""Measures the running product and says so in one table: `make bench`.

One module for each thing that is measured stands in `figures`; what they share stands beside it:
the server under measurement, a process's clock and memory, arithmetic, and the report.
Nothing here is imported by the product.
"""
