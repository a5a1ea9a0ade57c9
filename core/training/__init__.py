"""The training loop: steps, evaluation, early stopping, checkpoints and the timeline."""
