"""The same features by other means: each a function from a `Stream` to a matrix of cells, one row per event."""
