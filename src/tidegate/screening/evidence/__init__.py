"""What is known of the accounts: from the list, from events, from providers."""
