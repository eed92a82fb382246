/** What this page asks of the server about who gets in; loaded when it is needed. */
import { send } from "./client";
import type { SignUp } from "./types";

/** What it takes to sign up here, and how one stands oneself. */
export const howToSignUp = async (): Promise<SignUp> => (await send("GET", "/sign-up")).json();
/** Stand on the waiting list no more. */
export const withdraw = () => send("DELETE", "/sign-up");
