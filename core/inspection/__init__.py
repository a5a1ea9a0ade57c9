"""A look inside: a step traced stage by stage, layer statistics and unit activity."""
