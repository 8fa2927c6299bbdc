// Reads an event stream of the control API. `EventSource` cannot send a token, so it is read with `fetch`. Comes back
// after it was cut off, and says which event it saw last. A page that nobody sees reads none: a browser has six
// connections for all pages of a server. Knows no event.

import { Refusal, fetchFrom } from "./api.js";

const LEAST_WAIT = 1000;
const MOST_WAIT = 15000;

/**
 * Follow a stream until `close` of what this gives is called. `on.event(name, data, id)` is told each event,
 * `on.state(word)` `connecting`, `open`, `lost` or, for good, `gone`.
 */
export function follow(path, on) {
  const control = new AbortController();
  run(path, on, control.signal);
  return { close: () => control.abort() };
}

async function run(path, on, signal) {
  let last = "";
  let wait = LEAST_WAIT;
  on.state("connecting");
  while (!signal.aborted) {
    await whenSeen(signal);
    const connection = whileSeen(signal);
    try {
      const headers = { Accept: "text/event-stream", ...(last ? { "Last-Event-ID": last } : {}) };
      const response = await fetchFrom(path, { headers, signal: connection.signal });
      on.state("open");
      for await (const event of eventsOf(response.body)) {
        if (signal.aborted) return;
        wait = LEAST_WAIT;
        if (event.id) last = event.id;
        if (event.data) on.event(event.name, JSON.parse(event.data), event.id);
      }
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof Refusal && [403, 404, 405, 410].includes(error.status)) {
        on.state("gone", error.message);
        return;
      }
    }
    connection.abort();
    if (signal.aborted) return;
    if (document.hidden) continue;
    on.state("lost");
    await pause(wait, signal);
    wait = Math.min(wait * 2, MOST_WAIT);
  }
}

function pause(milliseconds, signal) {
  return new Promise((done) => {
    const timer = setTimeout(done, milliseconds);
    signal.addEventListener("abort", () => (clearTimeout(timer), done()), { once: true });
  });
}

function whenSeen(signal) {
  if (!document.hidden) return undefined;
  return new Promise((done) => {
    document.addEventListener("visibilitychange", done, { once: true, signal });
    signal.addEventListener("abort", done, { once: true });
  });
}

function whileSeen(signal) {
  const control = new AbortController();
  const look = () => document.hidden && control.abort();
  document.addEventListener("visibilitychange", look, { signal: control.signal });
  signal.addEventListener("abort", () => control.abort(), { once: true, signal: control.signal });
  return control;
}

/** The events in a body, as the standard has them: blocks of lines that end with an empty line. */
export async function* eventsOf(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      const blocks = (rest + value).split(/\r?\n\r?\n/);
      rest = blocks.pop();
      for (const block of blocks) yield eventOf(block);
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}

function eventOf(block) {
  const event = { name: "message", id: "", data: "" };
  const data = [];
  for (const line of block.split(/\r?\n/)) {
    const at = line.indexOf(":");
    const field = at < 0 ? line : line.slice(0, at);
    const value = at < 0 ? "" : line.slice(at + 1).replace(/^ /, "");
    if (field === "event") event.name = value;
    else if (field === "id") event.id = value;
    else if (field === "data") data.push(value);
  }
  event.data = data.join("\n");
  return event;
}
