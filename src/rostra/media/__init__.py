"""Bytes and text that players read: CMAF boxes, events, HLS and DASH documents. Pure: no I/O, no clock."""
