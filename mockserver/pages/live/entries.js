// The journal as the page keeps it: entries in short, the newest ones, attempts of webhooks under their request.
// What was sent and answered is read when an entry is opened. Knows no view.

import { read, sandboxPath } from "./api.js";

export const MOST_ENTRIES = 10000;
const PAGE = 2000;
const SPARE = 500; // so many are let go at once
const LATE = 200; // entries that may still come with a smaller number than the newest one
const PAUSE = 400;

export class Journal {
  constructor(name, changed) {
    this.name = name;
    this.changed = changed;
    this.version = 0;
    this.generation = 0;
    this.clear();
  }

  clear() {
    this.generation += 1; // what is being read belongs to what is gone
    this.entries = [];
    this.byNumber = new Map();
    this.attempts = new Map();
    this.version += 1;
    this.forgotten = 0;
    this.gap = null;
  }

  close() {
    this.isClosed = true;
  }

  get newest() {
    return this.entries.at(-1)?.n ?? 0;
  }

  /** Take entries, in order or late; those that are known already are not taken twice. */
  add(entries) {
    const fresh = entries.filter((each) => !this.byNumber.has(each.n)).map((each) => this.kept(each));
    if (!fresh.length) return;
    const isInOrder = fresh.every((each, at) => each.n > (at ? fresh[at - 1].n : this.newest));
    this.entries.push(...fresh);
    if (!isInOrder) this.entries.sort((one, other) => one.n - other.n);
    if (this.entries.length > MOST_ENTRIES + SPARE) this.trim();
    this.version += 1;
  }

  kept(entry) {
    const kept = brief(entry);
    this.byNumber.set(kept.n, kept);
    if (kept.kind === "webhook" && kept.request) {
      const attempts = this.attempts.get(kept.request) ?? [];
      attempts.push(kept);
      if (attempts.at(-2)?.n > kept.n) attempts.sort((one, other) => one.n - other.n);
      this.attempts.set(kept.request, attempts);
    }
    return kept;
  }

  trim() {
    const gone = this.entries.splice(0, this.entries.length - MOST_ENTRIES);
    for (const entry of gone) {
      this.byNumber.delete(entry.n);
      if (entry.kind === "webhook") this.forgetAttempt(entry);
    }
    this.forgotten += gone.length;
  }

  forgetAttempt({ n, request }) {
    const rest = (this.attempts.get(request) ?? []).filter((each) => each.n !== n);
    if (rest.length) this.attempts.set(request, rest);
    else this.attempts.delete(request);
  }

  /** The newest entries, and then, bit by bit, those before them. */
  async readNewest() {
    const { generation } = this;
    const found = await this.page("");
    if (this.isOver(generation)) return;
    this.take(found);
    let first = found[0]?.n;
    for (let length = found.length; length === PAGE && this.entries.length < MOST_ENTRIES; ) {
      await pause();
      const older = await this.page(`&before=${first}`);
      if (this.isOver(generation)) return;
      this.take(older);
      first = older[0]?.n;
      length = older.length;
    }
  }

  /** More happened than an event tells: read what is missing, once at a time. */
  async catchUp() {
    this.startGap(this.newest - LATE);
    await this.fillOnce();
  }

  /** Read what is missing, if anything is. */
  async fillOnce() {
    if (this.isBehind) return;
    this.isBehind = true;
    try {
      await this.fill();
    } catch {
      // the stream says when the server is gone; what is missing is read when it is back
    } finally {
      this.isBehind = false;
    }
  }

  async fill() {
    while (this.gap !== null && !this.isClosed) {
      await pause();
      const { generation, gap } = this;
      this.gap = null;
      const found = await this.page(`&after=${gap}`).catch((error) => {
        if (!this.isOver(generation)) this.startGap(gap);
        throw error;
      });
      if (this.isOver(generation)) continue;
      if (found.length === PAGE) this.startGap(found.at(-1).n);
      this.take(found);
    }
  }

  startGap(from) {
    this.gap = Math.min(this.gap ?? Infinity, Math.max(0, from));
  }

  isOver(generation) {
    return this.isClosed || generation !== this.generation;
  }

  take(entries) {
    this.add(entries);
    this.changed();
  }

  page(query) {
    return read(`${sandboxPath(this.name, "journal")}?whole=false&limit=${PAGE}${query}`);
  }

  /** A whole entry. */
  async whole(n) {
    return read(sandboxPath(this.name, "journal", String(n)));
  }
}

function pause() {
  return new Promise((done) => setTimeout(done, PAUSE));
}

function brief(entry) {
  const words = [entry.method, entry.path, entry.status, entry.operation, entry.api, entry.example, entry.why, entry.job];
  words.push(entry.fault, entry.violation?.sentence, entry.url, entry.outcome);
  return { ...entry, text: words.filter(Boolean).join(" ").toLowerCase() };
}
