"""The step pane: the next training step, stage by stage."""
