// What will happen to a job and when, as a picture over time and as a list for who cannot see it.

import { h } from "./dom.js";
import { tone } from "./jobs-at.js";
import { duration, timeOfDay } from "./time.js";

const WIDTH = 600;
const HEIGHT = 64;
const LANE = 18;

/** `states` with `at`, the last one the job's `end` or not, `points` of progress, `marks` with `{at, kind, text}`, and the moment `now`. */
export function plot({ states, points, marks, now, end }) {
  const { from, to } = span(states, points, marks, now);
  const x = (at) => ((Math.min(to, Math.max(from, at)) - from) / (to - from)) * WIDTH;
  const line = points.map(([at, percent]) => `${x(at).toFixed(1)},${y(percent)}`);
  if (line.length) line.push(`${WIDTH},${y(points.at(-1)[1])}`);
  return h("figure.plot", { key: "plot" },
    h("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT + LANE}`, preserveAspectRatio: "none", role: "img", "aria-label": "The job's course over time; the list below says the same" },
      states.map((each, index) => segment(each, states[index + 1], { x, to, now, end })),
      h("polyline.curve", { key: "curve", points: line.join(" ") }),
      marks.filter((each) => each.at <= to).map((each, index) => h("line.mark", { key: `${each.kind}${index}`, class: each.kind, x1: x(each.at), x2: x(each.at), y1: 0, y2: HEIGHT + LANE })),
      h("line.now", { key: "now", x1: x(now), x2: x(now), y1: 0, y2: HEIGHT + LANE })),
    h("div.axis", { key: "axis" },
      h("span", { key: "from" }, timeOfDay(from, 0)),
      states.map((each, index) => label(each, states[index + 1], { x, to, index })),
      h("span", { key: "to" }, timeOfDay(to, 0))));
}

function span(states, points, marks, now) {
  const near = marks.filter((each) => each.kind !== "expiry"); // days later, often: it stands in the list
  const moments = [...states, ...near].map((each) => each.at).concat(points.map(([at]) => at)).filter(Number.isFinite);
  const from = Math.min(...moments);
  const end = Math.max(...moments);
  const until = now > end ? Math.min(now, end + Math.max(1, end - from) * 0.25) : end;
  return { from, to: Math.max(from + 1, until + Math.max(0.5, until - from) * 0.06) };
}

function y(percent) {
  return (HEIGHT - 4 - (percent / 100) * (HEIGHT - 10)).toFixed(1);
}

function segment(each, following, { x, to, now, end }) {
  const until = following ? following.at : to;
  return h("rect.lane", {
    key: `${each.state}${each.at}`, class: `${tone(each.state, each.state === end)} ${each.at <= now ? "" : "later"}`,
    x: x(each.at), y: HEIGHT, width: Math.max(1, x(until) - x(each.at)), height: LANE,
  });
}

function label(each, following, { x, to, index }) {
  const share = (x(following ? following.at : to) - x(each.at)) / WIDTH;
  if (share < 0.12) return null;
  return h("span.state-name", { key: `${each.state}${index}`, style: { left: `${(x(each.at) / WIDTH) * 100}%`, width: `${share * 100}%` } }, each.state);
}

/** The same as a list: what was, what is, and what will be. */
export function agenda({ states, marks, now, end }) {
  const lines = [
    ...states.map((each) => ({ at: each.at, kind: "state", text: each.state, tone: tone(each.state, each.state === end) })),
    ...marks,
  ].filter((each) => Number.isFinite(each.at)).sort((one, other) => Math.floor(one.at * 1000) - Math.floor(other.at * 1000));
  return h("ol.agenda", { key: "agenda" }, lines.map((each, index) =>
    h("li", { key: `${each.kind}${each.at}${index}`, class: each.at <= now ? "past" : "later" },
      h("span.mono", {}, timeOfDay(each.at)),
      h("span.when", {}, each.at <= now ? `${duration(now - each.at)} ago` : `in ${duration(each.at - now)}`),
      h("span.what", {}, each.kind === "state" ? h("span.chip", { class: each.tone }, each.text) : each.text))));
}
