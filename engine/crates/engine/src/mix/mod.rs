//! From packets of many voices to one frame set every 20 ms: jitter buffers, decoders, lanes.
