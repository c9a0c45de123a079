// A browser storage that is really full: a storage bucket with a quota of its own, in place of the default one.

interface BucketManager {
  open(name: string, options: { quota: number }): Promise<{ readonly indexedDB: IDBFactory }>;
}

/**
 * Runs `body` with an empty IndexedDB that holds at most `quotaBytes`. Only Chromium has storage buckets; this
 * one goes with the test browser's profile.
 */
export async function withQuota(quotaBytes: number, body: () => Promise<void>): Promise<void> {
  const buckets = (navigator as unknown as { storageBuckets: BucketManager }).storageBuckets;
  const name = `full-${crypto.randomUUID()}`;
  const { indexedDB } = await buckets.open(name, { quota: quotaBytes });
  const own = Object.getOwnPropertyDescriptor(globalThis, "indexedDB")!;
  Object.defineProperty(globalThis, "indexedDB", { value: indexedDB, configurable: true });
  try {
    await body();
  } finally {
    Object.defineProperty(globalThis, "indexedDB", own);
  }
}
