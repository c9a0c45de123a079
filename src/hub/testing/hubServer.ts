// A server that speaks the Hub's URL layout, for tests: search, revision, tree in pages, resolve with a redirect for
// LFS files, ranges, 401, 403, 404, 429 with Retry-After, and connections that are cut. No network is needed.
import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface ServedRepository {
  readonly id: string;
  readonly kind?: "models" | "datasets";
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** Only with this token. */
  readonly gatedBy?: string;
}

/** What goes wrong, until told otherwise. */
export interface Faults {
  /** This many answers with a body break off after `cutAfterBytes`. */
  cuts?: number;
  cutAfterBytes?: number;
  /** This many answers are 429, with `retryAfter` seconds. */
  busy?: number;
  retryAfter?: number;
  /** One byte of this file is another one. */
  damaged?: string;
  /** Parts are answered with the whole file, as plain servers do. */
  ignoresRanges?: boolean;
  /** Bodies are sent at this speed. */
  bytesPerSecond?: number;
}

export interface ServedRequest {
  readonly path: string;
  readonly range: string | undefined;
  readonly status: number;
}

const LFS_BYTES = 100_000;
const TREE_PAGE = 3;
const SLOW_PIECE_BYTES = 64 * 1024;

const sha1 = (bytes: string | Uint8Array) => createHash("sha1").update(bytes).digest("hex");

const digests = new WeakMap<Uint8Array, string>();
/** Taken once of each file: a download of many ranges asks for it again and again. */
function sha256(bytes: Uint8Array): string {
  const known = digests.get(bytes) ?? createHash("sha256").update(bytes).digest("hex");
  digests.set(bytes, known);
  return known;
}

/** The commit that every branch of a served repository is at. */
const commitOf = ({ id }: ServedRepository) => sha1(id);

export class HubServer {
  faults: Faults = {};
  requests: ServedRequest[] = [];

  private constructor(
    private readonly server: Server,
    private readonly repositories: readonly ServedRepository[],
  ) {}

  static async start(repositories: readonly ServedRepository[], port = 0): Promise<HubServer> {
    const server = createServer();
    const hub = new HubServer(server, repositories);
    server.on("request", (request, response) => void hub.#answer(request, response));
    await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
    return hub;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Breaks off every answer that is being sent. */
  cutConnections(): void {
    this.server.closeAllConnections();
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<unknown> {
    response.setHeader("Access-Control-Allow-Origin", "*");
    response.setHeader("Access-Control-Allow-Headers", "*");
    const exposed = ["X-Error-Code", "Link", "Content-Range", "ETag", "Retry-After", "X-Linked-Size"];
    response.setHeader("Access-Control-Expose-Headers", exposed.join(","));
    if (request.method === "OPTIONS") return response.writeHead(204).end();
    const url = new URL(request.url!, this.url);
    if (url.pathname === "/_control") return this.#control(request, response);
    const { range } = request.headers;
    this.requests.push({
      path: url.pathname,
      range,
      get status() {
        return response.statusCode;
      },
    });
    if ((this.faults.busy ?? 0) > 0) {
      this.faults.busy = this.faults.busy! - 1;
      return response.writeHead(429, { "Retry-After": String(this.faults.retryAfter ?? 0) }).end();
    }
    const [, ...parts] = url.pathname.split("/").map(decodeURIComponent);
    if (parts[0] === "cdn") return this.#sendBlob(parts[1]!, request, response);
    if (parts[0] === "api") return this.#answerApi(parts.slice(1), url, request, response);
    const isDataset = parts[0] === "datasets";
    const [owner, name, verb, revision, ...path] = isDataset ? parts.slice(1) : parts;
    const found = this.#find(
      `${owner}/${name}`,
      isDataset ? "datasets" : "models",
      revision,
      request,
      response,
    );
    if (!found) return;
    const bytes = found.files.get(path.join("/"));
    if (verb !== "resolve" || !bytes) return fail(response, 404, "EntryNotFound");
    if (bytes.length < LFS_BYTES) return this.#send(path.join("/"), bytes, request, response);
    response.writeHead(302, { Location: `/cdn/${sha256(bytes)}`, "X-Linked-Size": bytes.length }).end();
  }

  /** Faults are set and requests read over HTTP too, for tests that run in a browser. */
  async #control(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let text = "";
    for await (const piece of request) text += piece;
    if (text) {
      this.faults = JSON.parse(text);
      this.requests = [];
    }
    json(response, this.requests);
  }

  #answerApi(parts: string[], url: URL, request: IncomingMessage, response: ServerResponse): unknown {
    const [kind, owner, name, verb, revision, ...path] = parts;
    if (owner === undefined) return this.#search(kind!, url, response);
    const found = this.#find(`${owner}/${name}`, kind!, revision, request, response);
    if (!found) return;
    if (verb === "revision") return json(response, { ...describe(found), sha: commitOf(found) });
    if (verb !== "tree") return fail(response, 404, "EntryNotFound");
    const isDeep = url.searchParams.get("recursive") === "true";
    const entries = treeEntries(found.files, path.map((part) => `${part}/`).join(""), isDeep);
    const page = Number(url.searchParams.get("cursor") ?? 0);
    if (entries.length > (page + 1) * TREE_PAGE) {
      url.searchParams.set("cursor", String(page + 1));
      response.setHeader("Link", `<${url.href}>; rel="next"`);
    }
    return json(response, entries.slice(page * TREE_PAGE, (page + 1) * TREE_PAGE));
  }

  #search(kind: string, url: URL, response: ServerResponse): unknown {
    const query = (url.searchParams.get("search") ?? "").toLowerCase();
    const matches = this.repositories.filter(
      (each) => (each.kind ?? "models") === kind && each.id.toLowerCase().includes(query),
    );
    return json(response, matches.slice(0, Number(url.searchParams.get("limit") ?? 500)).map(describe));
  }

  /** The repository, or undefined when the request has been refused. The Hub shows no difference between none and private. */
  #find(
    id: string,
    kind: string,
    revision: string | undefined,
    request: IncomingMessage,
    response: ServerResponse,
  ): ServedRepository | undefined {
    const found = this.repositories.find((each) => each.id === id && (each.kind ?? "models") === kind);
    const { authorization } = request.headers;
    if (!found) fail(response, authorization ? 404 : 401, "RepoNotFound");
    else if (found.gatedBy && authorization !== `Bearer ${found.gatedBy}`)
      fail(response, authorization ? 403 : 401, "GatedRepo");
    else if (revision !== "main" && revision !== "HEAD" && revision !== commitOf(found))
      fail(response, 404, "RevisionNotFound");
    else return found;
    return undefined;
  }

  #sendBlob(digest: string, request: IncomingMessage, response: ServerResponse): unknown {
    for (const { files } of this.repositories)
      for (const [path, bytes] of files)
        if (sha256(bytes) === digest) return this.#send(path, bytes, request, response);
    return fail(response, 404, "EntryNotFound");
  }

  async #send(path: string, bytes: Uint8Array, request: IncomingMessage, response: ServerResponse) {
    const range = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? "");
    const isPart = range !== null && !this.faults.ignoresRanges;
    const [begin, end] = isPart ? [Number(range[1]), Number(range[2]) + 1] : [0, bytes.length];
    const part = Buffer.from(bytes.subarray(begin, end));
    if (this.faults.damaged === path && part.length > 0) part[part.length >> 1]! ^= 1;
    response.writeHead(isPart ? 206 : 200, {
      "Content-Length": part.length,
      ...(isPart && { "Content-Range": `bytes ${begin}-${begin + part.length - 1}/${bytes.length}` }),
      ETag: `"${sha1(bytes)}"`,
    });
    const { cutAfterBytes = 0, bytesPerSecond } = this.faults;
    if ((this.faults.cuts ?? 0) > 0 && part.length > cutAfterBytes) {
      this.faults.cuts = this.faults.cuts! - 1;
      response.write(part.subarray(0, cutAfterBytes), () => response.destroy());
      return;
    }
    for (let at = 0; bytesPerSecond && at < part.length && !response.destroyed; at += SLOW_PIECE_BYTES) {
      response.write(part.subarray(at, at + SLOW_PIECE_BYTES));
      await new Promise((resolve) => setTimeout(resolve, (1000 * SLOW_PIECE_BYTES) / bytesPerSecond));
    }
    response.end(bytesPerSecond ? undefined : part);
  }
}

/** Files below a folder, "" or one with a slash at its end, and the folders in it. */
function treeEntries(files: ReadonlyMap<string, Uint8Array>, folder: string, isDeep: boolean): object[] {
  const entries: object[] = [];
  const folders = new Set<string>();
  for (const [path, bytes] of files) {
    if (!path.startsWith(folder)) continue;
    const [name, ...inner] = path.slice(folder.length).split("/");
    if (inner.length > 0) folders.add(folder + name);
    if (inner.length === 0 || isDeep) entries.push(treeEntry(path, bytes));
  }
  const tree = (path: string) => ({ type: "directory", path, size: 0, oid: sha1(path) });
  return [...[...folders].map(tree), ...entries];
}

function treeEntry(path: string, bytes: Uint8Array) {
  const entry = { type: "file", path, size: bytes.length };
  if (bytes.length < LFS_BYTES) {
    return { ...entry, oid: createHash("sha1").update(`blob ${bytes.length}\0`).update(bytes).digest("hex") };
  }
  const oid = sha256(bytes);
  return { ...entry, oid: sha1(oid), lfs: { oid, size: bytes.length, pointerSize: 134 } };
}

const describe = (repository: ServedRepository) => ({
  _id: commitOf(repository),
  id: repository.id,
  private: false,
  gated: repository.gatedBy ? "auto" : false,
  pipeline_tag: "text-generation",
  downloads: repository.id.length,
  likes: 1,
  lastModified: "2026-01-01T00:00:00.000Z",
});

function json(response: ServerResponse, value: unknown): unknown {
  return response.writeHead(200, { "Content-Type": "application/json" }).end(JSON.stringify(value));
}

function fail(response: ServerResponse, status: number, code: string): unknown {
  return response.writeHead(status, { "X-Error-Code": code }).end();
}
