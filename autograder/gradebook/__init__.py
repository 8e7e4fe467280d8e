"""nbgrader: its settings, steps and database, and the feedback pages."""
