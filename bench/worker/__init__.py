"""One edge worker alone: what it costs, and how those fare who come to it."""
