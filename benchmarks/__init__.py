"""What Tidegate promises about speed and memory, one file per promise. `python -m benchmarks` runs them all."""
