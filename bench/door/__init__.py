"""The door under a crowd, on real sockets."""
