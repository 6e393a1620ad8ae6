"""The policies that Tidegate ships, one package each, and how a policy is found by name or path."""
