"""What a trained network would do with fewer units or weights, or on corrupted images."""
