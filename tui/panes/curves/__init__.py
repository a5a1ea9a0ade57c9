"""The curves pane: loss, accuracy, learning rate and the timeline."""
