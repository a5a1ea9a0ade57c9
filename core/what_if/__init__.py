"""What a trained network would do if it or its images were less than they are."""
