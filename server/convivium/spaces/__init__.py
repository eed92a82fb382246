"""The event itself: a space is made, started and ended, says who may listen and who may speak, and
knows who is invited, who helps the host, and who was removed.

Admission is decided here, for every door. Who sits on the stage is `stage`'s matter.
"""
