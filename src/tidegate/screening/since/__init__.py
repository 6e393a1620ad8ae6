"""What changed since the screening before, and who is observed."""
