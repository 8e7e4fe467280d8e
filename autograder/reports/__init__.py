"""What a class got, read from the gradebook: a summary, the class report, and exports."""
