"""The training loop: steps and their traces, evaluation, early stopping, checkpoints, timeline."""
