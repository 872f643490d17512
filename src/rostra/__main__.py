"""``python -m rostra`` is the command line."""

from rostra.cli import app

app()
