"""The append-only log of one space's encoded programme: the only seam between stage and edge."""
