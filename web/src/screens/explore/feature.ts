/** Staff put a space before everybody, or take it back: with a word for whether it went well. */
import { inWords } from "../../api/errors";
import { setFeatured } from "../../api/search";
import { toast } from "../../ui/toasts.svelte";

/** Tells whether it is so now. */
export async function feature(id: string, isSo: boolean): Promise<boolean> {
  try {
    await setFeatured(id, isSo);
    toast({ text: isSo ? "It stands before everybody now." : "It is featured no more.", icon: "pin" });
    return true;
  } catch (error) {
    toast({ text: inWords(error), icon: "warning", tone: "danger" });
    return false;
  }
}
