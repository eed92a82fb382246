/** What can go wrong between this page and the server, and the words for it. */

/** The server said no (RFC 9457): `code` is for the program, `message` for the person. */
export class Refusal extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    detail: string,
    /** Seconds after which asking again makes sense, if the server said so. */
    readonly retryAfterSeconds: number | null = null,
    /** A place in the line at the door, and the ticket that keeps it. */
    readonly place: number | null = null,
    readonly ticket: string | null = null,
    /** Until when an account is suspended, null for good, and the words that were said. */
    readonly until: string | null = null,
    readonly words = "",
  ) {
    super(detail);
    this.name = "Refusal";
  }
}

/** No answer came: the network is away, the server is away, or it took too long. */
export class Unreachable extends Error {
  constructor(message = "The server does not answer. Check your connection, then try again.") {
    super(message);
    this.name = "Unreachable";
  }
}

/** For answers without words of their own: proxies and half-started servers speak HTML. */
const WORDS_BY_STATUS: Record<number, string> = {
  401: "You are signed out. Sign in, then try again.",
  403: "You may not do that here.",
  404: "That is not here any more.",
  409: "That does not fit any more: something changed meanwhile.",
  413: "That is too much at once.",
  422: "Something in there is not as it should be.",
  429: "That was a little fast. Wait a moment, then try again.",
  503: "The server is busy. Wait a moment, then try again.",
};

/** Turn an answer that is not 2xx into the refusal it stands for. */
export async function refusalOf(response: Response): Promise<Refusal> {
  const problem = await problemOf(response);
  const words = problem.detail || WORDS_BY_STATUS[response.status] || "Something went wrong on the server.";
  const { code = "unknown", place = null, ticket = null, until = null } = problem;
  return new Refusal(response.status, code, words, retryAfter(response), place, ticket, until, problem.words);
}

/** The sentence to show for whatever was thrown. */
export function inWords(error: unknown): string {
  if (error instanceof Refusal || error instanceof Unreachable) return error.message;
  return "Something went wrong on this page. Reload it, then try again.";
}

interface Problem {
  code?: string;
  detail?: string;
  place?: number;
  ticket?: string;
  until?: string | null;
  words?: string;
}

async function problemOf(response: Response): Promise<Problem> {
  if (!response.headers.get("content-type")?.includes("json")) return {};
  try {
    return (await response.json()) as Problem;
  } catch {
    return {};
  }
}

function retryAfter(response: Response): number | null {
  const seconds = Number(response.headers.get("retry-after") ?? Number.NaN);
  return Number.isFinite(seconds) ? seconds : null;
}
