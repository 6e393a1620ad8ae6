"""Pools of accounts that an organisation owns: read, judged by the policy, sorted into tiers, reported."""
