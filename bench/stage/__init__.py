"""What a stage costs, how soon speakers hear each other, how late its ticks are: alone and beside a crowd."""
