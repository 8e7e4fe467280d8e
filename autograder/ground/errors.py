"""The one exception that reaches a user as a line of text."""


class Problem(ValueError):
    """Something the user can put right; the text says how."""
