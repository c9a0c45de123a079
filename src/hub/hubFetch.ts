// fetch as a download over an unsteady line needs it: tries again after cuts and busy servers, waits as long as the
// server asks, ends at once when cancelled, and turns what remains into a HubError.
import { type Asked, cancelledError, errorOfResponse, offlineError } from "./hubError";

export type Fetch = typeof fetch;

/** Failed attempts in a row before it is given up. */
const ATTEMPTS = 5;
const FIRST_PAUSE_MS = 500;
/** Longest wait that a server may ask for; a longer one is reported instead. */
const LONGEST_PAUSE_MS = 60_000;

/** @param onWait told how long a pause will be, e.g. to show it */
export function hubFetch(
  asked: Asked,
  signal: AbortSignal | undefined,
  onWait: (pauseMs: number) => void = () => {},
): Fetch {
  return async (input, init) => {
    for (let attempt = 1; ; attempt++) {
      const answer = await fetch(input, { ...init, signal: signal ?? null }).catch((error: Error) => error);
      if (signal?.aborted) throw cancelledError();
      if (!(answer instanceof Error) && answer.ok) return answer;
      const isPassing = answer instanceof Error || answer.status === 429 || answer.status >= 500;
      const pauseMs = pauseBefore(attempt, answer instanceof Error ? undefined : answer);
      if (!isPassing || attempt === ATTEMPTS || pauseMs > LONGEST_PAUSE_MS) {
        if (answer instanceof Error) throw offlineError(asked, answer.message);
        throw errorOfResponse(answer, asked);
      }
      await pause(pauseMs, signal, onWait);
    }
  };
}

/** Twice as long each time, or as long as the answer says (seconds or a date). */
function pauseBefore(attempt: number, answer: Response | undefined): number {
  const asked = answer?.headers.get("Retry-After");
  if (!asked) return FIRST_PAUSE_MS * 2 ** (attempt - 1);
  const seconds = Number(asked);
  return Number.isFinite(seconds) ? seconds * 1000 : Math.max(0, Date.parse(asked) - Date.now());
}

/** Waits unless cancelled. @throws HubError when it is */
export function pause(
  pauseMs: number,
  signal: AbortSignal | undefined,
  onWait: (pauseMs: number) => void = () => {},
): Promise<void> {
  onWait(pauseMs);
  return new Promise((resolve, reject) => {
    const onAbort = () => {
      clearTimeout(timer);
      reject(cancelledError());
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", onAbort);
      resolve();
    }, pauseMs);
    signal?.addEventListener("abort", onAbort, { once: true });
  });
}
