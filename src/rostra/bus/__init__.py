"""Small messages among the roles of one deployment: the catalogue, the broker, the client."""
