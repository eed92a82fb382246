/** What takes a sign-in of the last ten minutes: whoever is asked shows once more that it is them, and it goes on. */
import { Refusal } from "../../api/errors";

let waiting: ((isProved: boolean) => void) | null = $state.raw(null);

export const proof = {
  get isAsked(): boolean {
    return waiting !== null;
  },
  /** It was shown, or they thought better of it. */
  answer(isProved: boolean): void {
    const told = waiting;
    waiting = null;
    told?.(isProved);
  },
};

/** Do something, when it was proved if need be; false where it was not done for want of that. */
export async function withProof(deed: () => Promise<unknown>): Promise<boolean> {
  try {
    await deed();
    return true;
  } catch (error) {
    if (!(error instanceof Refusal && error.code === "sign_in_again")) throw error;
  }
  if (!(await new Promise<boolean>((told) => (waiting = told)))) return false;
  await deed();
  return true;
}
