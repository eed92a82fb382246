/** What this page asks of the server about how one is told; loaded when it is needed. */
import { send } from "./client";
import type { Email, NotificationSettings, Push, Pushes, Tried } from "./types";

export type Channel = "app" | "push" | "mail";
export interface Change {
  zone?: string;
  quiet?: NotificationSettings["quiet"];
  kinds?: Record<string, Partial<Record<Channel, boolean>>>;
}

const SETTINGS = "/me/notification-settings";

export const notificationSettings = async (): Promise<NotificationSettings> =>
  (await send("GET", SETTINGS)).json();
/** What is not said stays as it is. */
export const changeNotificationSettings = async (change: Change): Promise<NotificationSettings> =>
  (await send("PATCH", SETTINGS, { json: change })).json();

export const pushes = async (): Promise<Pushes> => (await send("GET", "/me/push")).json();
export const addPush = async (subscription: unknown): Promise<Push> =>
  (await send("POST", "/me/push", { json: subscription })).json();
export const endPush = (push: string) => send("DELETE", `/me/push/${push}`);
/** Send oneself a message in every browser in which one is told. */
export const tryPush = async (): Promise<Tried> => (await send("POST", "/me/push/test")).json();

/** Where one is written to, and the address one has still to show to be one's own. */
export const email = async (): Promise<Email> => (await send("GET", "/me/email")).json();
/** Ask for a letter whose link shows that the address is one's own. */
export const claimEmail = async (address: string): Promise<Email> =>
  (await send("PUT", "/me/email", { json: { address } })).json();
export const removeEmail = () => send("DELETE", "/me/email");
/** `token`: what stands behind the # of the link. */
export const confirmEmail = (token: string) => send("POST", "/email-confirmations", { json: { token } });
/** No more mail about `kind`, or about anything; `key` is in each letter. */
export const unsubscribe = (key: string, kind: string | null) =>
  send("POST", `/unsubscribe/${key}${kind ? `?kind=${kind}` : ""}`);
