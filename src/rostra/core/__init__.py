"""What every part needs and nothing more: errors, ids, clocks, settings. Imports nothing of ours."""
