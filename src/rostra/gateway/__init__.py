"""The door: event pages, join, tickets, status. Answers from memory; never touches a database."""
