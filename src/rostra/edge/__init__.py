"""Tails the tape and writes the same bytes to every listener; serves recordings from the same tape."""
