"""From the masters to the notebooks that students get."""
