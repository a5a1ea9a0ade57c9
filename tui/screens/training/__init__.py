"""The main screen: the run in training."""
