"""Phone numbers: their plan, lists of them."""
