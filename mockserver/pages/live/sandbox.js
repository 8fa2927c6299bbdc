// What the page knows of one sandbox: read once, then kept true by its event stream. Bounded, however long it is open.
// Knows no view; whoever draws is told that something changed.

import { read, sandboxPath } from "./api.js";
import { Journal } from "./entries.js";
import { follow } from "./stream.js";
import { Clock, epochOf } from "./time.js";

const MOST_JOBS = 2000;
const MOST_WEBHOOKS = 2000;
const LEFT_OUT_PAUSE = 1000;

export class Sandbox {
  constructor(name, changed) {
    this.name = name;
    this.changed = changed;
    this.clock = new Clock();
    this.journal = new Journal(name, changed);
    this.jobs = new Map();
    this.webhooks = new Map();
    this.faults = new Map();
    this.info = null;
    this.settings = {};
    this.activity = { in_flight: 0, held: null, dropped: {} };
    this.connection = "connecting";
    this.why = "";
    this.version = 0;
    this.stream = follow(sandboxPath(name, "events"), {
      event: (event, data) => this.on(event, data),
      state: (word, why = "") => this.connected(word, why),
    });
  }

  close() {
    this.stream.close();
    this.journal.close();
    clearTimeout(this.again);
  }

  path(...rest) {
    return sandboxPath(this.name, ...rest);
  }

  connected(word, why) {
    this.connection = word;
    this.why = why;
    this.changed();
  }

  on(event, data) {
    this.version += 1;
    this[`on_${event}`]?.(data);
    this.changed();
  }

  on_start(data) {
    this.clock.set(data.clock);
    if (!data.resumed) this.readAll();
  }

  on_resync() {
    this.readAll();
  }

  on_reset() {
    this.journal.clear();
    this.readAll();
  }

  on_closed() {
    this.connected("gone", `The sandbox ${this.name} was closed.`);
    this.stream.close();
  }

  on_clock(data) {
    this.clock.set(data);
  }

  on_journal(data) {
    for (const entry of data.entries) {
      this.clock.saw(epochOf(entry.at));
      this.journal.add(entry);
    }
    if (data.left_out) this.journal.catchUp();
  }

  on_jobs(data) {
    for (const job of data.jobs) this.putJob(job);
    this.trimJobs();
    if (data.left_out) this.later(() => this.readJobs());
  }

  on_webhooks(data) {
    for (const webhook of data.webhooks) this.webhooks.set(webhook.id, webhook);
    trim(this.webhooks, MOST_WEBHOOKS);
    if (data.left_out) this.later(() => this.readWebhooks());
  }

  on_faults(data) {
    for (const fault of data.faults) {
      if (fault.armed === false) this.faults.delete(fault.id);
      else this.faults.set(fault.id, fault);
    }
  }

  on_settings(data) {
    this.settings = data;
  }

  on_activity(data) {
    this.activity = data;
  }

  putJob(job) {
    const known = this.jobs.get(job.id);
    if (known && known.rev > job.rev) return;
    this.jobs.set(job.id, { ...job, at: epochOf(job.created) });
  }

  trimJobs() {
    if (this.jobs.size <= MOST_JOBS * 1.1) return;
    const oldest = [...this.jobs.values()].sort((one, other) => one.at - other.at);
    for (const job of oldest.slice(0, this.jobs.size - MOST_JOBS)) this.jobs.delete(job.id);
  }

  /** Read something once more, after a while: what happens fast is not read again and again. */
  later(work) {
    if (this.again) return;
    this.again = setTimeout(() => {
      this.again = null;
      work().catch(() => {});
    }, LEFT_OUT_PAUSE);
  }

  async readAll() {
    this.jobs.clear();
    this.webhooks.clear();
    this.faults.clear();
    try {
      const work = [this.readInfo(), this.readJobs(), this.readWebhooks(), this.readFaults(), this.journal.readNewest()];
      await Promise.all(work);
    } catch (error) {
      this.why = error.message;
    }
    this.changed();
  }

  async readInfo() {
    this.info = await read(this.path());
    const { in_flight, held, dropped } = this.info;
    this.activity = { in_flight, held, dropped };
    this.changed();
  }

  async readJobs() {
    for (const job of await read(`${this.path("jobs")}?whole=true&limit=${MOST_JOBS}`)) this.putJob(job);
    this.changed();
  }

  async readWebhooks() {
    for (const { attempts, ...webhook } of await read(this.path("webhooks"))) {
      const last = attempts.at(-1);
      const brief = { tries: attempts.length, last: last ? { status: last.status, sentence: last.sentence } : null };
      this.webhooks.set(webhook.id, { ...brief, ...webhook });
    }
    trim(this.webhooks, MOST_WEBHOOKS);
    this.changed();
  }

  async readFaults() {
    for (const fault of await read(this.path("faults"))) this.faults.set(fault.id, fault);
    this.changed();
  }
}

function trim(map, most) {
  for (const key of map.keys()) {
    if (map.size <= most) return;
    map.delete(key);
  }
}
