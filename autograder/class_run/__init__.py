"""A whole class graded: what is to be done, by whom, and what came out."""
