"""Durable events, the decisions about them, and recovery of both."""
