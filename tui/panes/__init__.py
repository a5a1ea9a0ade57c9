"""The panes of the training screen, grouped by feature."""
