"""The answer key: a package per chapter, a module per exercise. Graded code never sees it."""
