"""The runs screen: the kept runs in a table, and their comparison."""
