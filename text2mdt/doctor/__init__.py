"""What of this installation is there, what is missing, what is slow, and the command that mends it."""

from text2mdt.doctor.diagnosis import diagnose, is_fit
from text2mdt.doctor.finding import Finding, State

__all__ = ["Finding", "State", "diagnose", "is_fit"]
