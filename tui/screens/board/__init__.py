"""The drawing board: a picture of your own, and what the network predicts for it."""
