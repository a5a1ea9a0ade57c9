"""Experiments on copies of a run: they answer a question and leave the run as it is."""
