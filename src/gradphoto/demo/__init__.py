"""Made-up people and a made-up school, and the whole journey on them. No real person's data."""
