"""Which accounts a published limit of a tier is for. Young accounts have the limits of new ones, those of unknown age the stable."""

from tidegate.policies.messenger.account import group_tier, send_tier

new_sender = send_tier.isin("new", "young").or_else(False)  # noqa: FBT003  an operand
stable_sender = (send_tier == "stable").or_else(True)  # noqa: FBT003  an operand
business_sender = (send_tier == "business").or_else(False)  # noqa: FBT003  an operand

new_member = group_tier.isin("new", "young").or_else(False)  # noqa: FBT003  an operand
stable_member = (group_tier == "stable").or_else(True)  # noqa: FBT003  an operand
business_member = (group_tier == "business").or_else(False)  # noqa: FBT003  an operand
