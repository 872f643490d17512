"""Who may listen, and when: decisions on values. Pure: no I/O, no clock."""
