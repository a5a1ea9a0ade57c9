"""The sweep screen: builds a sweep from the settings, runs it, and shows its trials."""
