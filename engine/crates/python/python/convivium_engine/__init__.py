"""The media engine of Convivium, compiled: what it offers is described in `_engine.pyi`."""

from convivium_engine._engine import AddressTaken, Engine, EngineBusy, EngineError, Event

__all__ = ["AddressTaken", "Engine", "EngineBusy", "EngineError", "Event"]
