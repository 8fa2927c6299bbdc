// A long list of which only the rows in sight are drawn. Keys move the choice; a screen reader hears rows of a grid.

import { h } from "./dom.js";

const SPARE = 6;
const LARGE = matchMedia("(min-width: 2400px)"); // where the style sheet makes letters larger
const LARGER = 17 / 13;

/** What a list remembers between two drawings. */
export class ListState {
  constructor(redraw) {
    this.redraw = redraw;
    this.top = 0;
    this.height = 600;
    this.isAtEnd = true;
    this.place = null; // where it is to be scrolled to
    this.anchor = null; // the row on top and its place, so that it stays where it is while others come and go above it
  }

  attach(element) {
    this.element = element;
    this.observer?.disconnect();
    this.observer = new ResizeObserver(() => {
      this.height = element.clientHeight;
      this.redraw();
    });
    this.observer.observe(element);
    this.moveTo(this.top, this.place ?? this.top); // a new element begins at its top
  }

  scrolled() {
    const { scrollTop, clientHeight, scrollHeight } = this.element;
    this.isAtEnd = scrollTop + clientHeight >= scrollHeight - 4;
    if (Math.abs(scrollTop - this.top) < 1) return; // that was us
    this.top = scrollTop;
    this.anchor = null;
    this.redraw();
  }

  /** Scroll, once what is drawn now stands: before the browser lays it out, so that it does so once. */
  moveTo(top, place = top) {
    this.top = top;
    this.place = place;
    queueMicrotask(() => this.settle());
  }

  settle() {
    if (this.element && this.place !== null) this.element.scrollTop = this.place;
    this.place = null;
  }

  /** Where the end is in sight, however high the list turns out to be. */
  keepEnd(height) {
    this.moveTo(Math.max(0, height - this.height), height);
  }

  /** Where the row on top is still what it was. */
  keepPlace(items, keyOf, rowHeight) {
    const at = Math.floor(this.top / rowHeight);
    const { key, place } = this.anchor ?? {};
    if (this.anchor && place < items.length && keyOf(items[place]) === key) return;
    const found = this.anchor ? items.findIndex((item) => keyOf(item) === key) : -1;
    if (found >= 0 && found !== place) this.moveTo(Math.max(0, this.top + (found - place) * rowHeight));
    const now = found >= 0 ? found : at;
    this.anchor = this.top > 0 && now < items.length ? { key: keyOf(items[now]), place: now } : null;
  }

  /** Bring a row into sight. */
  show(at, rowHeight) {
    const top = at * rowHeight;
    if (!this.element) return;
    if (top < this.element.scrollTop) this.element.scrollTop = top;
    else if (top + rowHeight > this.element.scrollTop + this.element.clientHeight) {
      this.element.scrollTop = top + rowHeight - this.element.clientHeight;
    }
  }
}

/**
 * `items` by `row(item)`, which gives cells; `onchoose(item)` as a row is clicked or reached by keys. With `follows` the
 * end stays in sight as the list grows.
 */
export function list(state, { id, label, items, row, keyOf, chosen, onchoose, height = 28, follows = false, empty, rowClass }) {
  const rowHeight = LARGE.matches ? Math.round(height * LARGER) : height;
  const total = items.length;
  if (follows && state.isAtEnd) state.keepEnd(total * rowHeight);
  else state.keepPlace(items, keyOf, rowHeight);
  const first = Math.max(0, Math.floor(Math.min(state.top, total * rowHeight) / rowHeight) - SPARE);
  const last = Math.min(total, first + Math.ceil(state.height / rowHeight) + 2 * SPARE);
  const at = chosen === undefined || chosen === null ? -1 : items.findIndex((item) => keyOf(item) === chosen);
  const rows = items.slice(first, last).map((item, index) => line(item, first + index));
  function line(item, place) {
    const isChosen = place === at;
    return h(
      "div.row",
      {
        key: `${keyOf(item)}`,
        id: `${id}-${place}`,
        role: "row",
        class: rowClass?.(item),
        "aria-rowindex": place + 1,
        "aria-selected": String(isChosen),
        style: { top: `${place * rowHeight}px`, height: `${rowHeight}px` },
        onclick: () => onchoose(item),
      },
      row(item).map((cell) => h("span", { role: "gridcell", class: `cell ${cell.class ?? ""}`, title: cell.title }, cell.content)),
    );
  }
  const inSight = at >= first && at < last;
  return h(
    "div.list",
    {
      key: `${id}-list`,
      id,
      role: "grid",
      tabindex: 0,
      "aria-label": label,
      "aria-rowcount": total,
      "aria-activedescendant": inSight ? `${id}-${at}` : null,
      created: (element) => state.attach(element),
      onscroll: () => state.scrolled(),
      onkeydown: (event) => move(event, state, { items, at, onchoose, rowHeight }),
    },
    total === 0 ? h("p.empty", { key: "empty", role: "row" }, h("span", { role: "gridcell" }, empty ?? "Nothing yet.")) : null,
    total === 0 ? null : h("div.rows", { key: "rows", role: "rowgroup", style: { height: `${total * rowHeight}px` } }, rows),
  );
}

function move(event, state, { items, at, onchoose, rowHeight }) {
  const page = Math.max(1, Math.floor(state.height / rowHeight) - 1);
  const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -items.length, End: items.length };
  const step = steps[event.key];
  if (step === undefined || items.length === 0 || event.target !== event.currentTarget) return;
  event.preventDefault();
  const from = at < 0 ? (step > 0 ? -1 : items.length) : at;
  const to = Math.min(items.length - 1, Math.max(0, from + step));
  onchoose(items[to]);
  state.show(to, rowHeight);
}
