// What a page takes at most, looked at every 100 ms by Chrome's DevTools protocol: the JavaScript heaps of the page and
// of its engine's worker, each with the array buffers behind it; the longest that the page's thread computed between two
// looks, in time of the processor, which no single task exceeds; and where there is /proc, all that the process holds.
import { existsSync, readFileSync } from "node:fs";

const everyMs = 100;
const nothing = {
  pageBytes: 0,
  heapBytes: 0,
  bufferBytes: 0,
  engineBytes: 0,
  processBytes: 0,
  computedMs: 0,
};

/** @typedef {typeof nothing} Peak */
/** @typedef {{ usedSize: number, backingStorageSize: number }} HeapUsage */

export class PageWatch {
  #peak = { ...nothing };
  #nextId = 0;
  /** @type {Map<number, (usage: HeapUsage) => void>} */
  #waiting = new Map();
  /** @type {string | undefined} */
  #engine;
  #processId = 0;
  /** @type {import("playwright").CDPSession | undefined} */
  #ofBrowser;
  #isOver = false;
  /** @type {Promise<void>} */
  #looking = Promise.resolve();

  /** @param {import("playwright").CDPSession} devtools of the page */
  constructor(devtools) {
    this.devtools = devtools;
  }

  /** @param {{ browser: import("playwright").Browser, page: import("playwright").Page }} studio */
  static async start({ browser, page }) {
    const watch = new PageWatch(await page.context().newCDPSession(page));
    await watch.#attach();
    await watch.devtools.send("Performance.enable", { timeDomain: "threadTicks" });
    watch.#ofBrowser = await browser.newBrowserCDPSession();
    // Of the browser's renderers, spare ones among them, the page's has computed most.
    const renderers = (await watch.#processes()).filter(({ type }) => type === "renderer");
    watch.#processId = renderers.reduce((most, each) => (each.cpuTime > most.cpuTime ? each : most)).id;
    watch.#looking = watch.#lookOn();
    return watch;
  }

  /** Largest values since the start, or since they were last taken; of the process 0 where there is no /proc. */
  takePeak() {
    const peak = this.#peak;
    this.#peak = { ...nothing };
    return peak;
  }

  async stop() {
    this.#isOver = true;
    await this.#looking;
  }

  async #attach() {
    this.devtools.on("Target.attachedToTarget", ({ sessionId, targetInfo }) => {
      if (targetInfo.type === "worker" && targetInfo.title === "engine") this.#engine = sessionId;
    });
    this.devtools.on("Target.receivedMessageFromTarget", ({ message }) => {
      const { id, result } = JSON.parse(message);
      this.#waiting.get(id)?.(result);
      this.#waiting.delete(id);
    });
    const how = { autoAttach: true, waitForDebuggerOnStart: false, flatten: false };
    await this.devtools.send("Target.setAutoAttach", how);
    if (!this.#engine) throw new Error("page: expected a worker named engine, got none");
  }

  /** Each by itself: the engine's answer waits for what its thread is computing. */
  async #lookOn() {
    await Promise.all([this.#lookAtPage(), this.#lookAtEngine()]);
  }

  async #lookAtPage() {
    for (let before = await this.computedMs(); !this.#isOver; ) {
      const { usedSize, backingStorageSize } = /** @type {HeapUsage} */ (
        await this.devtools.send("Runtime.getHeapUsage")
      );
      const computed = await this.computedMs();
      const processBytes = this.#processBytes();
      this.#note({ pageBytes: usedSize + backingStorageSize, processBytes, computedMs: computed - before });
      before = computed;
      await new Promise((resolve) => setTimeout(resolve, everyMs));
    }
  }

  async #lookAtEngine() {
    while (!this.#isOver) {
      const { usedSize, backingStorageSize } = await this.#engineUsage();
      const engineBytes = usedSize + backingStorageSize;
      this.#note({ heapBytes: usedSize, bufferBytes: backingStorageSize, engineBytes });
      await new Promise((resolve) => setTimeout(resolve, everyMs));
    }
  }

  /** Milliseconds that the page's thread computed so far. */
  async computedMs() {
    const { metrics } = await this.devtools.send("Performance.getMetrics");
    return 1000 * (metrics.find(({ name }) => name === "TaskDuration")?.value ?? Number.NaN);
  }

  /** @param {Partial<Peak>} now */
  #note(now) {
    for (const [name, value] of Object.entries(now)) {
      const key = /** @type {keyof Peak} */ (name);
      this.#peak[key] = Math.max(this.#peak[key], value);
    }
  }

  /** @returns {Promise<HeapUsage>} */
  #engineUsage() {
    const id = ++this.#nextId;
    const message = JSON.stringify({ id, method: "Runtime.getHeapUsage" });
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve);
      void this.devtools.send("Target.sendMessageToTarget", { sessionId: this.#engine, message });
    });
  }

  async #processes() {
    return (
      await /** @type {import("playwright").CDPSession} */ (this.#ofBrowser).send("SystemInfo.getProcessInfo")
    ).processInfo;
  }

  /** Seconds that the page's process computed so far, its workers included. */
  async processSeconds() {
    return (await this.#processes()).find(({ id }) => id === this.#processId)?.cpuTime ?? Number.NaN;
  }

  #processBytes() {
    const path = `/proc/${this.#processId}/status`;
    if (!existsSync(path)) return 0;
    const status = readFileSync(path, "utf8");
    return 1024 * Number(/VmRSS:\s*(\d+)/.exec(status)?.[1]);
  }
}

/** @param {Peak} peak */
export function memoryText({ pageBytes, heapBytes, bufferBytes, engineBytes, processBytes }) {
  const mb = (/** @type {number} */ bytes) => `${(bytes / 1e6).toFixed(0)} MB`;
  const parts = `heap at most ${mb(heapBytes)}, array buffers at most ${mb(bufferBytes)}`;
  return `engine ${mb(engineBytes)} (${parts}), page ${mb(pageBytes)}, process ${mb(processBytes)}`;
}
