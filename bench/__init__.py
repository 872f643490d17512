"""Measurements: ``python -m bench``. May import the server and the rehearsal; nothing imports this."""
