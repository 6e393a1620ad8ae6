"""Screenings of pools as durable jobs of a server: uploaded, worked off in a process of their own, kept sealed."""
