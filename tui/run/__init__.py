"""The training thread and the commands and events that pass between it and the screen."""
