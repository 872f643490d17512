"""Plays speakers and listeners against a deployment and says what it heard."""
