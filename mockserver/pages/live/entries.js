// The journal as the page keeps it: entries in short, the newest ones, attempts of webhooks under their request.
// What was sent and answered is read when an entry is opened. Knows no view.

import { read, sandboxPath } from "./api.js";

export const MOST_ENTRIES = 10000;
const PAGE = 500;
const BEHIND = 2000; // of a busy sandbox so much is read after the fact
const PAUSE = 400;

export class Journal {
  constructor(name, changed) {
    this.name = name;
    this.changed = changed;
    this.clear();
  }

  clear() {
    this.entries = [];
    this.byNumber = new Map();
    this.attempts = new Map();
    this.version = (this.version ?? 0) + 1;
    this.forgotten = 0;
  }

  close() {
    this.isClosed = true;
  }

  get newest() {
    return this.entries.at(-1)?.n ?? 0;
  }

  /** Take one entry, in order or late. */
  add(entry) {
    if (this.byNumber.has(entry.n)) return;
    const kept = brief(entry);
    this.byNumber.set(kept.n, kept);
    if (this.entries.length === 0 || kept.n > this.newest) this.entries.push(kept);
    else this.entries.splice(this.placeOf(kept.n), 0, kept);
    if (kept.kind === "webhook" && kept.request) {
      const list = this.attempts.get(kept.request) ?? [];
      list.push(kept);
      this.attempts.set(kept.request, list);
    }
    if (this.entries.length > MOST_ENTRIES + PAGE) this.trim();
    this.version += 1;
  }

  placeOf(n) {
    let low = 0;
    let high = this.entries.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.entries[middle].n < n) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  trim() {
    const gone = this.entries.splice(0, this.entries.length - MOST_ENTRIES);
    for (const entry of gone) {
      this.byNumber.delete(entry.n);
      this.attempts.delete(entry.n);
    }
    this.forgotten += gone.length;
  }

  /** The newest entries, and then, bit by bit, those before them. */
  async readNewest() {
    const found = await read(`${sandboxPath(this.name, "journal")}?limit=${PAGE}`);
    for (const entry of found) this.add(entry);
    this.changed();
    if (found.length === PAGE) setTimeout(() => this.readOlder().catch(() => {}), PAUSE);
  }

  async readOlder() {
    if (this.isClosed || this.forgotten || this.entries.length >= MOST_ENTRIES) return;
    const found = await read(`${sandboxPath(this.name, "journal")}?before=${this.entries[0]?.n ?? 1}&limit=${PAGE}`);
    for (const entry of found.reverse()) this.add(entry);
    this.changed();
    if (found.length === PAGE) setTimeout(() => this.readOlder().catch(() => {}), PAUSE);
  }

  /** More happened than an event tells: read what is missing, once at a time. */
  async catchUp() {
    if (this.isBehind) return;
    this.isBehind = true;
    await new Promise((done) => setTimeout(done, PAUSE));
    try {
      for (const entry of await read(`${sandboxPath(this.name, "journal")}?limit=${BEHIND}`)) this.add(entry);
    } catch {
      // the stream says when the server is gone
    } finally {
      this.isBehind = false;
      this.changed();
    }
  }

  /** A whole entry. */
  async whole(n) {
    return read(sandboxPath(this.name, "journal", String(n)));
  }
}

function brief({ sent, answered, ...entry }) {
  const words = [entry.method, entry.path, entry.status, entry.operation, entry.api, entry.example, entry.why, entry.job];
  words.push(entry.fault, entry.violation?.sentence, entry.url, entry.outcome);
  return { ...entry, text: words.filter(Boolean).join(" ").toLowerCase() };
}
