"""The servers that Rostra's edge is measured beside, each from a configuration of its own."""
