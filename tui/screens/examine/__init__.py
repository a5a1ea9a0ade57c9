"""What the network does with one picture: the smallest push, the best picture, and why."""
