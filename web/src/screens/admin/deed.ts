/** Do something for somebody, and say in passing how it went; tells whether it was done. */
import { inWords } from "../../api/errors";
import { toast } from "../../ui/toasts.svelte";

export async function deed(act: () => Promise<unknown>, done: string): Promise<boolean> {
  try {
    await act();
  } catch (error) {
    toast({ text: inWords(error), icon: "warning", tone: "danger" });
    return false;
  }
  if (done) toast({ text: done, icon: "check", tone: "host" });
  return true;
}
