// The page: what is looked at, by the address after `#`, and when it is drawn. Views are functions of this.

import { ROOT, onTokenWanted, read, write } from "./api.js";
import { render } from "./dom.js";
import { follow } from "./stream.js";
import { ListState } from "./list.js";
import { Sandbox } from "./sandbox.js";
import { shell } from "./shell.js";
import { duration } from "./time.js";
import { askForToken } from "./token.js";

const FRAME = 100; // milliseconds between two drawings of what happens by itself
const CALM_FRAME = 1000; // for who asked for less motion
const TABS = ["jobs", "journal", "webhooks", "faults", "scenarios", "conduct", "coverage", "accounts"];
const NOTICE_TIME = 6000;
const SAID_PAUSE = 4000; // between two things that are read out of one place

class App {
  constructor() {
    this.sandboxes = new Map();
    this.sandbox = null;
    this.ui = { tab: "jobs", chosen: null, filters: {}, forms: {}, isMenuOpen: false };
    this.lists = {};
    this.loaded = new Map();
    this.notices = [];
    this.said = new Map();
    this.isReadOnly = document.querySelector("meta[name=page-mode]").content === "read-only";
    this.calm = matchMedia("(prefers-reduced-motion: reduce)");
    this.drawnAt = 0;
  }

  start() {
    onTokenWanted(askForToken);
    addEventListener("hashchange", () => this.route());
    follow("events", { event: (name, data) => this.heard(name, data), state: () => {} });
    this.route();
    this.tick();
  }

  // --- where we are

  route() {
    const [named = "default", tab = "jobs", ...rest] = location.hash.replace(/^#\/?/, "").split("/").filter(Boolean).map(decoded);
    const name = /^\.+$/.test(named) ? "default" : named; // dots in an address lead out of the sandboxes
    if (this.sandbox?.name !== name) {
      this.sandbox?.close();
      this.loaded.clear();
      this.said.clear();
      this.lists = { sandboxes: this.lists.sandboxes };
      this.sandbox = new Sandbox(name, {
        changed: () => this.redrawSoon(),
        renewed: () => this.renewed(),
        returned: (seconds, missed) => this.returned(seconds, missed),
      });
    }
    this.ui.tab = TABS.includes(tab) ? tab : "jobs";
    this.ui.chosen = rest.length ? rest.join("/") : null;
    this.ui.isMenuOpen = false;
    document.title = `${name} · ${this.ui.tab} · mock server`;
    this.redraw();
    requestAnimationFrame(() => document.querySelector("nav.tabs [aria-current]")?.scrollIntoView({ block: "nearest", inline: "nearest" }));
  }

  /** The address of a view, for links. */
  address(tab, chosen = null, sandbox = this.sandbox.name) {
    return `#/${[sandbox, tab, ...(chosen === null ? [] : [chosen])].map(encodeURIComponent).join("/")}`;
  }

  go(tab, chosen = null) {
    const to = this.address(tab, chosen);
    if (tab === this.ui.tab) history.replaceState(null, "", to);
    else history.pushState(null, "", to);
    this.route();
  }

  /** Say that not everything was seen while it happened; it stands until somebody has read it. */
  returned(seconds, missed) {
    const away = seconds === null ? "More happened than this page could read" : `The connection was lost for ${duration(seconds)}`;
    this.notice(`${away}. ${missed ? "Everything was read anew." : "What happened meanwhile was read."}`, false, true);
  }

  // --- all sandboxes

  async heard(name, data) {
    if (name === "start" || name === "resync") {
      const lines = await read("sandboxes").catch(() => []);
      this.sandboxes = new Map(lines.map((line) => [line.name, line]));
    } else if (name === "sandboxes") {
      for (const line of data.opened ?? []) this.sandboxes.set(line.name, line);
      for (const line of data.closed ?? []) this.sandboxes.delete(line.name);
      if (data.left_out) this.heard("resync");
    }
    this.redrawSoon();
  }

  // --- when it is drawn

  redraw() {
    clearTimeout(this.timer);
    this.timer = null;
    this.frame ??= requestAnimationFrame(() => this.draw());
  }

  redrawSoon() {
    if (this.frame || this.timer) return;
    const wait = Math.max(0, this.drawnAt + FRAME - performance.now());
    this.timer = setTimeout(() => this.redraw(), wait);
  }

  draw() {
    this.frame = null;
    this.drawnAt = performance.now();
    render(document.getElementById("app"), shell(this));
  }

  tick() {
    if (this.sandbox?.clock.isMoving) this.redrawSoon();
    setTimeout(() => this.tick(), this.calm.matches ? CALM_FRAME : FRAME);
  }

  // --- what views use

  list(name) {
    this.lists[name] ??= new ListState(() => this.redraw());
    return this.lists[name];
  }

  filter(name, otherwise) {
    this.ui.filters[name] ??= otherwise;
    return this.ui.filters[name];
  }

  setFilter(name, value) {
    this.ui.filters[name] = value;
    this.redraw();
  }

  /**
   * What `load` gave: `{value, error}`. It is asked again when `version` changes, but not before `pause` milliseconds
   * have passed; what was known stays until then.
   */
  load(key, load, version = 0, pause = 0) {
    const known = this.loaded.get(key) ?? { value: undefined, error: null, version: null, at: -Infinity };
    this.loaded.delete(key);
    this.loaded.set(key, known);
    while (this.loaded.size > 60) this.loaded.delete(this.loaded.keys().next().value);
    const wait = known.at + pause - performance.now();
    if (known.version !== version && !known.isLoading && wait <= 0) this.fetch(known, load, version);
    else if (known.version !== version && !known.isLoading && !known.timer) {
      known.timer = setTimeout(() => ((known.timer = null), this.redrawSoon()), wait);
    }
    return known;
  }

  /** Ask again for everything; what was known stays until the answer comes, with what somebody typed below it. */
  renewed() {
    for (const known of this.loaded.values()) Object.assign(known, { version: null, at: -Infinity, isOld: true });
  }

  async fetch(known, load, version) {
    Object.assign(known, { isLoading: true, version });
    try {
      known.value = await load();
      known.error = null;
    } catch (error) {
      known.error = error;
      if (known.isOld) known.value = undefined;
    }
    Object.assign(known, { isLoading: false, isOld: false, at: performance.now() });
    this.redrawSoon();
  }

  /** Do something that changes the sandbox, and say what came of it. Gives what the server answered, or undefined. */
  async act(done, method, path, body) {
    try {
      const answer = await write(method, path, body);
      if (done) this.notice(typeof done === "function" ? done(answer) : done);
      return answer;
    } catch (error) {
      this.notice(error.message, true);
      return undefined;
    }
  }

  notice(text, isBad = false, stays = false) {
    const notice = { text, isBad, stays, id: `${performance.now()}` };
    const others = this.notices.filter((each) => !(stays && each.stays));
    this.notices = [...others.slice(-3), notice];
    if (!stays) setTimeout(() => this.dismiss(notice), NOTICE_TIME * (isBad ? 2 : 1));
    this.redraw();
  }

  /** A text that changes often, as it was some seconds ago at most. */
  calmly(name, text) {
    const said = this.said.get(name) ?? { text: "", at: -Infinity };
    const wait = said.at + SAID_PAUSE - performance.now();
    if (said.text === text) return text;
    if (wait <= 0) this.said.set(name, { text, at: performance.now() });
    else said.timer ??= setTimeout(() => this.redrawSoon(), wait);
    return wait <= 0 ? text : said.text;
  }

  dismiss(notice) {
    this.notices = this.notices.filter((each) => each !== notice);
    this.redraw();
  }

  async copy(text, what) {
    try {
      await navigator.clipboard.writeText(text);
      this.notice(`${what} copied.`);
    } catch {
      this.notice("The browser does not let this page copy; select the text instead.", true);
    }
  }

  docs(path) {
    return ROOT + path;
  }
}

function decoded(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

new App().start();
