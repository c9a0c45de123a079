// Which tab has what going on: a lock by name for as long as it lasts, seen by all tabs and gone with its own.
import { StudioError } from "./problems";

/** A lock that this tab has just let go of takes a moment to be free. */
const holdTimeoutMs = 1000;

/**
 * Takes the lock until the returned function is called or the tab is closed.
 * @param what is going on, e.g. "run"
 * @throws StudioError when another tab has it
 */
export function holdLock(locks: LockManager, name: string, what: string): Promise<() => void> {
  return new Promise((resolve, reject) => {
    const taken = locks.request(
      name,
      { signal: AbortSignal.timeout(holdTimeoutMs) },
      () => new Promise<void>((release) => resolve(release)),
    );
    taken.catch(() => {
      reject(
        new StudioError(
          `${what}: expected one that no tab has going on, got one of another tab. Stop it there.`,
        ),
      );
    });
  });
}

/** Names of the locks that some tab holds. */
export async function heldLocks(locks: LockManager): Promise<ReadonlySet<string | undefined>> {
  return new Set((await locks.query()).held?.map(({ name }) => name));
}
