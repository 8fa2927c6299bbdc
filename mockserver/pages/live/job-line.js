// How a job stands, in a word and in a few.

import { h } from "./dom.js";
import { isOver, tone } from "./jobs-at.js";
import { duration } from "./time.js";

/** A state as a coloured word. */
export function stateChip(each, stands, now) {
  return h("span.chip", { class: tone(stands.state, isOver(each, now) && stands.progress === 100) }, stands.state);
}

const STANDS = "goes no further";

/** A mark for a job that nothing is planned to happen to, though it has not ended. */
export function stuckTag(each, stands, now) {
  return then(each, stands, now) === STANDS ? h("span.tag.bad", { key: "stuck", title: "Nothing is planned to happen to it, though it has not ended" }, "stuck") : null;
}

/** What becomes of a job next, in words. */
export function then(each, stands, now) {
  if (stands.next && Number.isFinite(stands.next.at)) return `${stands.next.state} in ${duration(stands.next.at - now)}`;
  return each.ended !== null || isOver(each, now) ? "" : STANDS;
}
