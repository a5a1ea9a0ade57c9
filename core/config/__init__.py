"""The hyperparameters: what each is, its range, and the presets."""
