"""Pages about a policy, made from the policy itself: one per rule, and the indexes. What an example shows was judged."""
