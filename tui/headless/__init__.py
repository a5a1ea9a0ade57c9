"""Training without a screen: progress, tables and a JSON log."""
