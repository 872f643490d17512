"""Backstage: accounts, spaces, the studio's API and its database. Never on a listener's path."""
