"""The commands without a screen: training, its tables and JSON log, and the kept runs."""
