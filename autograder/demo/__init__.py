"""A made-up class to look at."""
