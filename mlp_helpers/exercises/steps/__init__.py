"""Stepwise diagnosis, chapter by chapter: the lines of a backward pass and their known mistakes."""
