"""What is measured, one module for each way of measuring."""
