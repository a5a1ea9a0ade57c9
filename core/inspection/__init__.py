"""What happens inside the network: the stages of a step, layer statistics and unit activity."""
