"""The training thread: commands in, events out."""
