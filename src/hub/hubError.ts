// What can go wrong between here and the Hub, each with what to do about it.

/** "cancelled" is what the person asked for; all others need a remedy, which the message has. */
export type HubProblem =
  | "cancelled"
  | "offline"
  | "denied"
  | "notFound"
  | "noRevision"
  | "tooManyRequests"
  | "server"
  | "unsuitable"
  | "damaged"
  | "noSpace"
  | "inUse";

export class HubError extends Error {
  override name = "HubError";

  /** @param message `what: expected …, got …` and the remedy */
  constructor(
    readonly kind: HubProblem,
    message: string,
  ) {
    super(message);
  }
}

/** What was asked for, as messages name it. */
export interface Asked {
  /** The repository or search, e.g. "Qwen/Qwen2.5-0.5B". */
  readonly what: string;
  readonly endpoint: string;
  readonly hasToken: boolean;
}

/** The error behind an answer that is no success. The Hub answers 401 for a repository that it does not show. */
export function errorOfResponse(response: Response, { what, endpoint, hasToken }: Asked): HubError {
  const { status } = response;
  const code = response.headers.get("X-Error-Code") ?? "";
  const got = `got ${status}${code ? ` (${code})` : ""}`;
  if (code === "GatedRepo" || status === 403) {
    const remedy = hasToken
      ? "The token has no access: accept the terms on the repository's page, then try again."
      : "Accept the terms on the repository's page and give an access token.";
    return new HubError("denied", `${what}: expected a repository open to everyone, ${got}. ${remedy}`);
  }
  if (status === 401) {
    const remedy = hasToken
      ? "Check the name, and whether the access token is valid."
      : "Check the name; a private or gated repository needs an access token.";
    return new HubError("denied", `${what}: expected a repository that can be read, ${got}. ${remedy}`);
  }
  if (code === "RevisionNotFound") {
    const remedy = "There is no such revision: give a branch, tag or commit of this repository.";
    return new HubError("noRevision", `${what}: expected it on the Hub, ${got}. ${remedy}`);
  }
  if (status === 404) {
    const remedy = `Check the name: it reads owner/name, as on ${endpoint}.`;
    return new HubError("notFound", `${what}: expected it on the Hub, ${got}. ${remedy}`);
  }
  if (status === 429) {
    const remedy = "The Hub asks to wait: try again in a few minutes, or give an access token.";
    return new HubError("tooManyRequests", `${what}: expected an answer, ${got}. ${remedy}`);
  }
  return new HubError("server", `${what}: expected an answer of ${endpoint}, ${got}. Try again later.`);
}

/** No answer at all: offline, a wrong endpoint, or a server that does not allow this page. */
export function offlineError({ what, endpoint }: Asked, reason: string): HubError {
  const remedy =
    "Check the connection and the endpoint; what was downloaded is kept, so it can be continued.";
  return new HubError(
    "offline",
    `${what}: expected an answer of ${endpoint}, got none (${reason}). ${remedy}`,
  );
}

export const cancelledError = (): HubError =>
  new HubError("cancelled", "download: expected to reach its end, was cancelled. It can be continued.");
