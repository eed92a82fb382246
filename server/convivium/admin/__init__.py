"""What whoever runs this instance sees and does, beside moderating it; every act is in the log."""
