"""How often one may try to get in."""

from convivium.core.clock import Clock
from convivium.core.config import Settings
from convivium.core.ids import fingerprint
from convivium.core.rate import Limit


class AccountLimits:
    """Sign-ups by network; sign-ins by network, and guesses at one name; changes by person.

    Letters for a new password by network, and by where they go.
    Guesses are counted by name and network first: a stranger who guesses at a name from elsewhere
    must not keep the person themselves out.
    """

    def __init__(self, clock: Clock, settings: Settings) -> None:
        self.sign_ups = Limit(clock, burst=settings.sign_ups_burst, per_s=settings.sign_ups_per_s)
        self._sign_ins = Limit(clock, burst=settings.sign_ups_burst, per_s=settings.sign_ups_per_s)
        self.acts = Limit(clock, burst=settings.acts_burst, per_s=settings.acts_per_s)
        self._guesses = Limit(clock, burst=10, per_s=10 / 60)
        self._guesses_from_anywhere = Limit(clock, burst=100, per_s=100 / 60)
        self._resets = Limit(clock, burst=10, per_s=10 / 3600)
        self._letters_to = Limit(clock, burst=3, per_s=3 / 3600)

    def before_passkey(self, network: str) -> None:
        """Raise SlowDown before a passkey is even looked at; nobody guesses one."""
        self._sign_ins.take(network)

    def before_sign_in(self, network: str, name: str) -> None:
        """Raise SlowDown before a password is even looked at."""
        self._sign_ins.take(network)
        self._guesses.take(f"{name} {network}")
        self._guesses_from_anywhere.take(name)

    def before_reset(self, network: str, address: str) -> None:
        """Raise SlowDown before it is looked up whose address this is."""
        self._resets.take(network)
        self.before_letter(address)

    def before_letter(self, address: str) -> None:
        """Raise SlowDown before anybody is written to whose address a stranger typed."""
        self._letters_to.take(fingerprint(address.lower()))
