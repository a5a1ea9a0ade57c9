"""A kept run as files that other programs read: metrics, networks, settings, a command line."""
