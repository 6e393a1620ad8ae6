"""Other systems' dialects: what they say as events, and decisions as they want to hear them."""
