"""What is decided, told to those who act on it: webhooks and a cursor to pull from."""
