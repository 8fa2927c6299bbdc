// What the page knows of one sandbox: read once, then kept true by its event stream. Bounded, however long it is open.
// Knows no view; whoever draws is told that something changed.

import { read, sandboxPath } from "./api.js";
import { Journal } from "./entries.js";
import { follow } from "./stream.js";
import { Clock, epochOf } from "./time.js";

const MOST_JOBS = 2000;
const MOST_WEBHOOKS = 2000;
const LEFT_OUT_PAUSE = 1000;

/**
 * `tell.changed()` is called when something is to be drawn, `tell.renewed()` when nothing of what was known may hold,
 * `tell.returned(seconds, missed)` when the stream is back: how long it was lost, and whether more was missed than is kept.
 */
export class Sandbox {
  constructor(name, tell) {
    this.name = name;
    this.tell = tell;
    this.changed = () => tell.changed();
    this.clock = new Clock();
    this.journal = new Journal(name, this.changed);
    this.jobs = new Map();
    this.webhooks = new Map();
    this.faults = new Map();
    this.info = null;
    this.settings = {};
    this.activity = { in_flight: 0, held: null, dropped: {} };
    this.connection = "connecting";
    this.why = "";
    this.lostAt = null;
    this.readings = new Set();
    this.stream = follow(sandboxPath(name, "events"), {
      event: (event, data, id) => this.on(event, data, id),
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
    if (word === "lost") this.lostAt ??= performance.now();
    this.connection = word;
    this.why = why;
    this.changed();
  }

  on(event, data, id) {
    this[`on_${event}`]?.(data, id);
    this.changed();
  }

  on_start(data, id) {
    this.startId = id;
    this.clock.set(data.clock);
    if (this.lostAt !== null) this.tell.returned((performance.now() - this.lostAt) / 1000, !data.resumed);
    this.lostAt = null;
    if (data.resumed && this.isRead) this.journal.fillOnce();
    else this.readAnew();
  }

  on_resync(data, id) {
    if (id === this.startId) return; // the start has said already that it does not go on where it was left
    this.tell.returned(null, true);
    this.readAnew();
  }

  on_reset() {
    this.readAnew();
  }

  on_closed() {
    this.connected("gone", `The sandbox ${this.name} was closed.`);
    this.stream.close();
  }

  on_clock(data) {
    this.told("clock");
    this.clock.set(data);
  }

  on_journal(data) {
    for (const entry of data.entries) this.clock.saw(epochOf(entry.at));
    this.journal.add(data.entries);
    if (data.left_out) this.journal.catchUp();
  }

  on_jobs(data) {
    for (const job of data.jobs) this.putJob(job);
    this.trimJobs();
    if (data.left_out) this.later(() => this.readJobs());
  }

  on_webhooks(data) {
    for (const webhook of data.webhooks) {
      this.told(webhook.id);
      this.webhooks.set(webhook.id, webhook);
    }
    trim(this.webhooks, MOST_WEBHOOKS);
    if (data.left_out) this.later(() => this.readWebhooks());
  }

  on_faults(data) {
    for (const fault of data.faults) {
      this.told(fault.id);
      if (fault.armed === false) this.faults.delete(fault.id);
      else this.faults.set(fault.id, fault);
    }
  }

  on_settings(data) {
    this.settings = data;
  }

  on_activity(data) {
    this.told("activity");
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

  /** Nothing of what was known may hold: read everything. */
  async readAnew() {
    this.readings.clear(); // what is being read is of before
    this.journal.clear();
    this.jobs.clear();
    this.webhooks.clear();
    this.faults.clear();
    this.settings = {};
    this.isRead = false;
    this.tell.renewed();
    try {
      const work = [this.readInfo(), this.readJobs(), this.readWebhooks(), this.readFaults(), this.journal.readNewest()];
      await Promise.all(work);
      this.isRead = true;
    } catch (error) {
      this.why = error.message;
    }
    this.changed();
  }

  /** Something was told by an event: what is being read is older. */
  told(name) {
    for (const names of this.readings) names.add(name);
  }

  /** Read something, and hand it on with a test of what was told meanwhile, unless all is read anew by then. */
  async reading(path, take) {
    const names = new Set();
    this.readings.add(names);
    try {
      const found = await read(path);
      if (this.readings.has(names)) take(found, (name) => names.has(name));
    } finally {
      this.readings.delete(names);
    }
    this.changed();
  }

  readInfo() {
    return this.reading(this.path(), (info, isTold) => {
      this.info = info;
      if (!isTold("activity")) this.activity = { in_flight: info.in_flight, held: info.held, dropped: info.dropped };
      if (!isTold("clock")) this.clock.set(info.clock);
    });
  }

  readJobs() {
    return this.reading(`${this.path("jobs")}?whole=true&limit=${MOST_JOBS}`, (jobs) => jobs.forEach((job) => this.putJob(job)));
  }

  readWebhooks() {
    return this.reading(`${this.path("webhooks")}?whole=false`, (webhooks, isTold) => {
      for (const webhook of webhooks) if (!isTold(webhook.id)) this.webhooks.set(webhook.id, webhook);
      trim(this.webhooks, MOST_WEBHOOKS);
    });
  }

  readFaults() {
    return this.reading(this.path("faults"), (faults, isTold) => {
      for (const fault of faults) if (!isTold(fault.id)) this.faults.set(fault.id, fault);
    });
  }
}

function trim(map, most) {
  for (const key of map.keys()) {
    if (map.size <= most) return;
    map.delete(key);
  }
}
