/** For tests: the room one is in, as far as voice notes ask about it. */
class FakeCall {
  room: { voice: { isOpen: boolean } } | null = $state(null);
}

export const call = new FakeCall();
