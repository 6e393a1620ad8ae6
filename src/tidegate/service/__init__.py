"""The server: events in over HTTP, decisions out, and people who look and decide."""
