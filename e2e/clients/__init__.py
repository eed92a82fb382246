"""Other people's WebRTC as peers of the real server: who hears, reads, speaks, restarts, leaves."""
