// How a job stands, in a word and in a few.

import { h } from "./dom.js";
import { isOver, tone } from "./jobs-at.js";
import { duration } from "./time.js";

/** A state as a coloured word. */
export function stateChip(each, stands, now) {
  return h("span.chip", { class: tone(stands.state, isOver(each, now) && stands.progress === 100) }, stands.state);
}

/** What becomes of a job next, in words. */
export function then(each, stands, now) {
  if (stands.next && Number.isFinite(stands.next.at)) return `${stands.next.state} in ${duration(stands.next.at - now)}`;
  return each.ended !== null || isOver(each, now) ? "" : "stays so";
}
