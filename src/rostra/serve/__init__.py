"""The composition root: one supervisor that opens sockets, runs the broker and keeps roles alive."""
