"""Icecast sources: a studio's present gear as a speaker. Takes their connections, decodes, paces."""
