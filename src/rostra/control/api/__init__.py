"""The HTTP API of backstage: what comes in is checked here, what is decided is decided beside it."""
