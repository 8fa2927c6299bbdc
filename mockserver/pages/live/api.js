// Asks the control API. The token is kept in this module's memory and nowhere else. Knows no view.

/** Where the control API begins: the page stands at its root, wherever that is mounted. */
export const ROOT = new URL(".", document.baseURI).pathname;

let token = "";
let asking = null;
let ask = null;

/** Say who is asked for the token, which is when the server wants one: `askToken(wasWrong)` gives a promise of it. */
export function onTokenWanted(askToken) {
  ask = askToken;
}

/** What the control API refused, in its own words. */
export class Refusal extends Error {
  constructor(status, problem) {
    super(problem.detail || problem.title || `The server answered ${status}.`);
    this.status = status;
    this.pointer = problem.pointer ?? "";
  }
}

/** The response to a request; asks for the token where one is wanted. Throws Refusal. */
export async function fetchFrom(path, { method = "GET", body, headers = {}, signal } = {}) {
  for (;;) {
    const sent = token;
    const more = sent ? { ...headers, Authorization: `Bearer ${sent}` } : headers;
    const isWrite = method !== "GET";
    const response = await fetch(ROOT + path, {
      method,
      signal,
      cache: "no-store",
      headers: isWrite ? { ...more, "Content-Type": "application/json" } : more,
      body: isWrite && body !== undefined ? JSON.stringify(body) : undefined,
    });
    if (response.ok) return response;
    if (response.status !== 401 || ask === null) throw await refusalOf(response);
    if (sent === token) await newToken(sent !== "");
  }
}

async function newToken(wasWrong) {
  asking ??= ask(wasWrong).finally(() => (asking = null));
  token = await asking;
}

async function refusalOf(response) {
  const text = await response.text();
  try {
    return new Refusal(response.status, JSON.parse(text));
  } catch {
    return new Refusal(response.status, { detail: text.slice(0, 500) });
  }
}

/** The JSON that a GET gives. */
export async function read(path, signal) {
  return (await fetchFrom(path, { signal })).json();
}

/** Send a write; gives its JSON, null where there is none. */
export async function write(method, path, body) {
  const response = await fetchFrom(path, { method, body });
  return response.status === 204 ? null : response.json();
}

/** The path of a sandbox. */
export function sandboxPath(name, ...rest) {
  return ["sandboxes", name, ...rest].map(encodeURIComponent).join("/");
}
