"""Runs kept in files: written while they train, opened, resumed, listed."""
