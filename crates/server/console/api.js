// The public API, and nothing else. The browser sends the session's cookie by itself.

/** @import { Answer, Asked, Method, Path, Schema } from "client" */

/** What is asked, once its types were checked. */
/** @typedef {{ path?: object, query?: object, headers?: object, body?: unknown, signal?: AbortSignal }} Loose */

/** What the API, or the way to it, says instead of an answer. */
export class Problem extends Error {
  /** @param {Partial<Schema<"Problem">>} body */
  constructor(body) {
    super(body.detail ?? body.title ?? "");
    this.code = body.code ?? "unreachable";
    this.status = body.status ?? 0;
    this.remedy = body.remedy ?? null;
    this.retryable = body.retryable ?? true;
    this.requestId = body.request_id ?? null;
    this.report = body.report ?? null;
    this.errors = body.errors ?? [];
    this.title = body.title ?? "";
  }
}

/** Tells who listens that the session is over (`ended`), and that nothing here is real AWS (`demo`). */
export const news = new EventTarget();

/**
 * Asks, and reads the whole answer.
 * @template {Method} M
 * @template {Path<M>} P
 * @param {M} method
 * @param {P} path
 * @param {Asked<M, P>} [asked]
 * @returns {Promise<Answer<M, P>>}
 */
export async function call(method, path, asked) {
  const response = await send(method, path, /** @type {Loose} */ (asked ?? {}), "application/json");
  return response.status === 204 ? /** @type {Answer<M, P>} */ (undefined) : response.json();
}

/**
 * Asks, and reads the answer event by event.
 * @template {Path<"post">} P
 * @param {P} path
 * @param {Asked<"post", P>} asked
 */
export async function stream(path, asked) {
  const response = await send("post", path, /** @type {Loose} */ (asked), "text/event-stream");
  return { headers: response.headers, events: events(response) };
}

/**
 * All items of a list, page by page.
 * @template T
 * @param {(cursor: string | undefined) => Promise<{ items: T[], next_cursor?: string | null }>} page
 * @returns {Promise<T[]>}
 */
export async function all(page) {
  const items = [];
  let cursor;
  do {
    const answer = await page(cursor);
    items.push(...answer.items);
    cursor = answer.next_cursor ?? undefined;
  } while (cursor);
  return items;
}

/**
 * @param {string} method
 * @param {string} path
 * @param {Loose} asked
 * @param {string} accept
 */
async function send(method, path, asked, accept) {
  const url = address(path, asked.path ?? {}, asked.query ?? {});
  /** @type {Record<string, string>} */
  const headers = { accept, ...asked.headers };
  if (asked.body !== undefined) headers["content-type"] = "application/json";
  const body = asked.body === undefined ? null : JSON.stringify(asked.body);
  const options = { method: method.toUpperCase(), headers, body, signal: asked.signal ?? null };
  const response = await fetch(url, options).catch((error) => {
    throw error.name === "AbortError" ? error : new Problem({});
  });
  if (response.headers.has("bi-demo")) news.dispatchEvent(new Event("demo"));
  if (response.ok) return response;
  const problem = new Problem(await response.json().catch(() => ({ status: response.status })));
  if (problem.status === 401 && path !== "/v1/session") news.dispatchEvent(new Event("ended"));
  throw problem;
}

/**
 * Beside this page, wherever the service is mounted.
 * @param {string} path
 * @param {object} names
 * @param {object} query
 */
function address(path, names, query) {
  const values = new Map(Object.entries(names));
  const filled = path.replace(/\{(\w+)\}/g, (_, name) => encodeURIComponent(values.get(name)));
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== "");
  const search = new URLSearchParams(given).toString();
  return filled.slice(1) + (search && `?${search}`);
}

/**
 * Server-sent events with JSON in them.
 * @param {Response} response
 * @returns {AsyncGenerator<{ name: string, data: any }>}
 */
async function* events(response) {
  const reader = /** @type {ReadableStream<Uint8Array>} */ (response.body).getReader();
  const decoder = new TextDecoder();
  let text = "";
  try {
    for (;;) {
      const { done, value } = await reader.read().catch((error) => {
        throw error.name === "AbortError" ? error : new Problem({});
      });
      if (done) return;
      text += decoder.decode(value, { stream: true });
      const parts = text.split("\n\n");
      text = parts.pop() ?? "";
      for (const part of parts) {
        const event = parse(part);
        if (event?.name === "error") throw new Problem(event.data);
        if (event) yield event;
      }
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}

/** @param {string} text */
function parse(text) {
  const lines = text.split("\n").filter((line) => !line.startsWith(":"));
  const value = (/** @type {string} */ field) => lines.find((line) => line.startsWith(`${field}: `))?.slice(field.length + 2);
  const [name, data] = [value("event"), value("data")];
  return name && data ? { name, data: JSON.parse(data) } : null;
}
