"""Admission in virtual time: the same decisions as the door's, played to crowds of millions."""
