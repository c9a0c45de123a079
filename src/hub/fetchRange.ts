// One range of a file of the Hub, over as many connections as it takes: one that is cut goes on at its last byte.
import type { ByteRange } from "./byteRanges";
import { fetchFor, type HubAccess } from "./hubClient";
import { cancelledError, HubError, offlineError } from "./hubError";
import { type Fetch, pause } from "./hubFetch";

/** Times in a row that a range may be cut without a byte. */
const CUTS = 5;
const PAUSE_AFTER_CUT_MS = 300;

/** A file, and its name in messages. */
export interface FilePlace {
  readonly address: string;
  readonly what: string;
}

/**
 * @param onPart takes the bytes in order, each with its place in the file
 * @throws HubError saying what to do
 */
export async function fetchRange(
  access: HubAccess,
  { address, what }: FilePlace,
  [begin, end]: ByteRange,
  onPart: (bytes: Uint8Array, at: number) => Promise<void> | void,
  signal?: AbortSignal,
): Promise<void> {
  const bodyOf = rangeFetch(access, address, what, signal);
  let at = begin;
  for (let cuts = 0; at < end; ) {
    const reader = (await bodyOf(at, end)).getReader();
    try {
      for (;;) {
        const { done: isOver, value } = await reader.read();
        if (isOver) break;
        const bytes = value.subarray(0, end - at);
        await onPart(bytes, at);
        at += bytes.length;
        if (bytes.length > 0) cuts = 0;
      }
    } catch (error) {
      await reader.cancel().catch(() => {});
      if (signal?.aborted) throw cancelledError();
      if (error instanceof HubError) throw error;
    }
    if (at === end) return;
    if (++cuts === CUTS) {
      const { endpoint, accessToken } = access;
      const asked = { what, endpoint, hasToken: Boolean(accessToken) };
      throw offlineError(asked, `the connection was cut ${CUTS} times at byte ${at}`);
    }
    await pause(PAUSE_AFTER_CUT_MS * cuts, signal);
  }
}

/** The body of a range. @throws HubError when the server sends something else */
function rangeFetch(access: HubAccess, address: string, what: string, signal: AbortSignal | undefined) {
  const fetchHub: Fetch = fetchFor(access, what, signal);
  const authorization: Record<string, string> = access.accessToken
    ? { Authorization: `Bearer ${access.accessToken}` }
    : {};
  return async (begin: number, end: number): Promise<ReadableStream<Uint8Array>> => {
    const response = await fetchHub(address, {
      cache: "no-store", // the bytes have their place: the browser's cache would hold them a second time
      headers: { Range: `bytes=${begin}-${end - 1}`, ...authorization },
    });
    if (response.status === 206 || (response.status === 200 && begin === 0)) return response.body!;
    await response.body?.cancel();
    throw new HubError(
      "server",
      `${what}: expected a part of the file (status 206), got ${response.status}. This endpoint cannot continue ` +
        "downloads: use another one.",
    );
  };
}
