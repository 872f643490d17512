"""Takes speakers' audio, mixes it, encodes the programme, appends it to the tape."""
