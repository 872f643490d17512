"""The edge side by side with its peers: what a listener, a request and a refusal cost, and how many fit."""
