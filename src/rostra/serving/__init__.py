"""The hot HTTP/1.1 server that door and edge share. Knows nothing of spaces or media."""
