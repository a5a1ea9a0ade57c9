"""What the network does with one picture: an adversarial example, the best picture, and why."""
