"""A whole deployment under test: its processes, people, browsers and what they hear."""
