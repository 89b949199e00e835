// The public API, and nothing else. The browser sends the session's cookie by itself.

/** @import { Answer, Asked, Method, Path, Schema } from "client" */

/** What is asked, once its types were checked. */
/** @typedef {{ path?: object, query?: object, headers?: object, body?: unknown, signal?: AbortSignal }} Loose */

/** What the API says instead of an answer; or the way to it, in a code and without a title: `unreachable`, `cut`, `unreadable`. */
export class Problem extends Error {
  /** @param {Partial<Omit<Schema<"Problem">, "code">> & { code?: string }} body */
  constructor(body) {
    super(body.detail ?? body.title ?? "");
    this.code = body.code ?? "unreadable";
    this.status = body.status ?? 0;
    this.remedy = body.remedy ?? null;
    this.retryable = body.retryable ?? true;
    this.requestId = body.request_id ?? null;
    this.report = body.report ?? null;
    this.errors = body.errors ?? [];
    this.title = body.title ?? "";
  }
}

/** Tells who listens that nothing here is real AWS (`demo`). */
export const news = new EventTarget();

/** @type {() => Promise<void>} */
let renew;

/**
 * How a session that has ended is begun anew. Whoever asked waits for it, and loses nothing.
 * @param {() => Promise<void>} act
 */
export function onEnded(act) {
  renew = act;
}

/** Keys of what was asked and perhaps carried out, though no answer came: asked again, it is carried out once. */
/** @type {Map<string, string>} */
const unanswered = new Map();

/** What was entered is in the names of what was asked. */
export const forget = () => unanswered.clear();

/** Changes that are as good as new each time: tests, conversations, and the session itself. */
const REPEATABLE = /\/(converse|session|test)$/;

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
  return (await exchange(method, path, asked)).body;
}

/**
 * Asks, and reads the whole answer and its headers.
 * @template {Method} M
 * @template {Path<M>} P
 * @param {M} method
 * @param {P} path
 * @param {Asked<M, P>} [asked]
 * @returns {Promise<{ headers: Headers, body: Answer<M, P> }>}
 */
export async function exchange(method, path, asked) {
  return send(method, path, /** @type {Loose} */ (asked ?? {}), "application/json", async (response) => ({ headers: response.headers, body: await json(response) }));
}

/**
 * Asks, and reads the answer event by event: whole only with the event that is the `last` which matters.
 * @template {Path<"post">} P
 * @param {P} path
 * @param {Asked<"post", P>} asked
 * @param {string} last
 */
export async function stream(path, asked, last) {
  return send("post", path, /** @type {Loose} */ (asked), "text/event-stream", async (response) => ({ headers: response.headers, events: events(response, last) }));
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
 * @template T
 * @param {string} method
 * @param {string} path
 * @param {Loose} asked
 * @param {string} accept
 * @param {(response: Response) => Promise<T>} read
 * @returns {Promise<T>}
 */
async function send(method, path, asked, accept, read) {
  const url = address(path, asked.path ?? {}, asked.query ?? {});
  /** @type {Record<string, string>} */
  const headers = { accept, ...asked.headers };
  if (asked.body !== undefined) headers["content-type"] = "application/json";
  const body = asked.body === undefined ? null : JSON.stringify(asked.body);
  // What was seen is a part of what is asked: an older answer does not hold for what is newer.
  const request = [method, url, headers["if-match"], body].join(" ");
  if (method !== "get" && !REPEATABLE.test(path)) {
    headers["idempotency-key"] = unanswered.get(request) ?? random();
    unanswered.set(request, headers["idempotency-key"]);
  }
  const options = { method: method.toUpperCase(), headers, body, signal: asked.signal ?? null };
  const response = await fetch(url, options).catch((error) => {
    throw asProblem(error, "unreachable");
  });
  if (response.headers.has("bi-demo")) news.dispatchEvent(new Event("demo"));
  if (response.ok) {
    const answer = await read(response);
    // The same words after another change ask for something else.
    if (headers["idempotency-key"]) forget();
    return answer;
  }
  // Not every answer is the API's own: what stands between may answer with a page.
  const problem = new Problem({ ...(await response.json().catch(() => null)), status: response.status });
  if (problem.status === 401 && path !== "/v1/session") {
    await renew();
    return send(method, path, asked, accept, read);
  }
  if (problem.status < 500 && problem.code !== "in_progress") unanswered.delete(request);
  throw problem;
}

/** @param {Response} response */
async function json(response) {
  if (response.status === 204) return undefined;
  return response.json().catch((error) => {
    throw asProblem(error, error instanceof SyntaxError ? "unreadable" : "cut");
  });
}

/**
 * Leaving a page ends what it asked for, and is no problem.
 * @param {Error} error
 * @param {string} code
 */
const asProblem = (error, code) => (error.name === "AbortError" ? error : new Problem({ code }));

/** Words that nobody else uses. `randomUUID` is missing over plain http. */
export const random = () => crypto.getRandomValues(new Uint32Array(4)).join("-");

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
 * @param {string} last
 * @returns {AsyncGenerator<{ name: string, data: any }>}
 */
async function* events(response, last) {
  const reader = /** @type {ReadableStream<Uint8Array>} */ (response.body).getReader();
  const decoder = new TextDecoder();
  let text = "";
  let isWhole = false;
  try {
    for (;;) {
      const { done, value } = await reader.read().catch((error) => {
        throw asProblem(error, "cut");
      });
      if (done && isWhole) return;
      if (done) throw new Problem({ code: "cut" });
      text += decoder.decode(value, { stream: true });
      const parts = text.split("\n\n");
      text = parts.pop() ?? "";
      for (const part of parts) {
        const event = parse(part);
        if (event?.name === "error") throw new Problem(event.data);
        isWhole ||= event?.name === last;
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
