//! A safe face on libopus.
