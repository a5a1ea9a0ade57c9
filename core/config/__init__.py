"""The settings of a run: their values, descriptions and ranges, and the presets."""
