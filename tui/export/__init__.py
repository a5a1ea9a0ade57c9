"""`fashion-tui export`: a kept run as files, with pictures and a report."""
