/** Do something and say in passing how it went; tells whether it was done. */
import { inWords } from "../../api/errors";
import { toast } from "../../ui/toasts.svelte";

export async function attempt(deed: () => Promise<unknown>, done = ""): Promise<boolean> {
  try {
    await deed();
  } catch (error) {
    toast({ text: inWords(error), icon: "warning", tone: "danger" });
    return false;
  }
  if (done) toast({ text: done, icon: "check", tone: "host" });
  return true;
}
