"""What every room may stand on: errors, files, tables, one class's settings."""
