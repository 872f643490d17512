"""Rostra: scheduled live conversations for a crowd, on one's own machines."""

__version__ = "0.1.0"
