"""What if: units, weights, corrupted images, confidence, and a map of the images."""
