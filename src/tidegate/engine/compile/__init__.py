"""From a policy to a plan: columns, instructions, kernels, and the order they run in."""
