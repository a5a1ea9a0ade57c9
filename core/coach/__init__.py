"""The coach: rules that say what goes wrong in a run, why, and which setting to change."""
