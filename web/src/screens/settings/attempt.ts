/** Do something, proved if need be, and say in passing how it went; tells whether it was done. */
import { whyNot } from "../../passkeys";
import { toast } from "../../ui/toasts.svelte";
import { withProof } from "./proof.svelte";

export async function attempt(deed: () => Promise<unknown>, done = ""): Promise<boolean> {
  try {
    if (!(await withProof(deed))) return false;
  } catch (error) {
    toast({ text: whyNot(error), icon: "warning", tone: "danger" });
    return false;
  }
  if (done) toast({ text: done, icon: "check", tone: "host" });
  return true;
}
