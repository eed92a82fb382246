/** What one chooses about, in the order in which it stands on the page. */
export interface Matter {
  readonly id: string;
  readonly label: string;
  readonly detail: string;
  /** Nobody can leave it out of the list. */
  readonly stays?: true;
}

export const MATTERS: readonly Matter[] = [
  { id: "invitations", label: "Invitations", detail: "Somebody invites you to listen, speak or help" },
  { id: "stage", label: "Your turn", detail: "You may speak, or a space is given to you" },
  { id: "live", label: "Live now", detail: "A space you asked about, or a host whose bell is on" },
  { id: "reminders", label: "Your own spaces", detail: "Half an hour before one starts, and then" },
  { id: "changes", label: "Changes", detail: "A space you wait for is moved or cancelled" },
  { id: "mentions", label: "Mentions", detail: "Somebody names you in a post" },
  { id: "replies", label: "Replies", detail: "Somebody answers or quotes you" },
  { id: "likes", label: "Likes", detail: "Your posts are liked or passed on" },
  { id: "follows", label: "Followers", detail: "Somebody follows you" },
  { id: "requests", label: "Follow requests", detail: "Somebody asks to follow you, or lets you" },
  { id: "moderation", label: "Moderation", detail: "What moderators tell you", stays: true },
];
