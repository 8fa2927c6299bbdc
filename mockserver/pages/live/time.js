// The clock of a sandbox as the page knows it, and how times are written. Knows no server.

/** A clock that goes as the server's does, from what the server said of it last. */
export class Clock {
  constructor() {
    this.said = { mode: "manual", epoch: 0, rate: 1, step: 0 };
    this.at = performance.now();
  }

  /** Take over what the control API says of a clock. */
  set(said) {
    this.said = said;
    this.at = performance.now();
  }

  /** A clock that steps is told by what happens: it never goes back. */
  saw(epoch) {
    if (this.said.mode === "step" && epoch > this.said.epoch) this.set({ ...this.said, epoch });
  }

  get mode() {
    return this.said.mode;
  }

  get isMoving() {
    return this.said.mode === "real";
  }

  /** Seconds since 1970 in the sandbox. */
  now() {
    if (!this.isMoving) return this.said.epoch;
    return this.said.epoch + ((performance.now() - this.at) / 1000) * this.said.rate;
  }
}

/** `12:13:50.984`, UTC. */
export function timeOfDay(epoch, digits = 3) {
  return iso(epoch).slice(11, 19 + (digits ? digits + 1 : 0));
}

/** `2026-11-28`. */
export function dateOf(epoch) {
  return iso(epoch).slice(0, 10);
}

function iso(epoch) {
  const moment = new Date(epoch * 1000);
  return Number.isNaN(moment.valueOf()) ? "----------T--:--:--.---" : moment.toISOString();
}

/** Seconds since 1970 of a time as the control API writes it. */
export function epochOf(text) {
  return Date.parse(text) / 1000;
}

const UNITS = [
  [86400, "d"],
  [3600, "h"],
  [60, "min"],
];

/** `7.2 s`, `3 min 20 s`, `2 d 4 h`. */
export function duration(seconds) {
  const amount = Math.abs(seconds);
  if (amount < 0.9995) return `${Math.round(amount * 1000)} ms`;
  if (amount < 59.95) return `${trim(amount.toFixed(1))} s`;
  const at = UNITS.findIndex(([size]) => amount >= size - 0.05);
  const [size, unit] = UNITS[at];
  const [small, smallUnit] = UNITS[at + 1] ?? [1, "s"];
  const whole = Math.floor((amount + 0.05) / size);
  const rest = Math.max(0, Math.floor((amount - whole * size) / small));
  return rest ? `${whole} ${unit} ${rest} ${smallUnit}` : `${whole} ${unit}`;
}

function trim(text) {
  return text.replace(/\.0$/, "");
}

/** `340 B`, `8.9 kB`, `1.2 MB`. */
export function bytes(count) {
  if (count < 1000) return `${count} B`;
  const units = ["kB", "MB", "GB", "TB"];
  const power = Math.min(units.length, Math.floor(Math.log10(count) / 3));
  return `${trim((count / 1000 ** power).toFixed(1))} ${units[power - 1]}`;
}
