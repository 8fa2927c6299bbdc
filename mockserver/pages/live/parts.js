// Pieces that several views are put together from.

import { h } from "./dom.js";

/** A bar on top, a list below, and beside it (on small screens instead of it) what was chosen. */
export function split(app, { bar, main, title, detail, missing }) {
  const shown = detail ?? (missing ? h("p.empty", {}, missing) : null);
  const heading = title || "Details";
  return [
    h("div.bar", { key: "bar", role: "toolbar", "aria-label": "Filters" }, bar),
    h("div.split", { key: "split", class: shown ? "has-detail" : "" },
      h("div.main", { key: "main" }, main),
      shown ? h("section.detail", { key: "detail", "aria-label": heading, tabindex: 0, onkeydown: (event) => {
        if (event.key === "Escape") app.go(app.ui.tab);
      } }, h("div.detail-head", { key: "head" }, h("h2", { title: heading }, heading), h("a.button.quiet", {
        href: app.address(app.ui.tab), "aria-label": "Close", title: "Close (Esc)",
      }, "×")), shown) : null),
  ];
}

export function search(app, name, label, title) {
  return h("input.search", {
    key: name, type: "search", placeholder: label, "aria-label": label, title, value: app.filter(name, ""),
    oninput: (event) => app.setFilter(name, event.target.value),
  });
}

/** A choice among values; the first one means all. */
export function choice(app, name, label, values) {
  const at = app.filter(name, "");
  const known = values.map((each) => (Array.isArray(each) ? each : [each, each]));
  if (at && !known.some(([value]) => value === at)) known.push([at, at]);
  return h("select", { key: name, "aria-label": label, class: at ? "set" : "", onchange: (event) => app.setFilter(name, event.target.value) },
    h("option", { key: "", value: "", selected: at === "" }, `${label}: all`),
    known.map(([value, text]) => h("option", { key: value, value, selected: value === at }, text)));
}

/** Names and values, one pair a line. */
export function facts(pairs) {
  return h("dl.facts", {}, pairs.filter((pair) => pair && pair[1] !== null && pair[1] !== undefined && pair[1] !== "").map(([name, value]) =>
    h("div", { key: name }, h("dt", {}, name), h("dd", {}, value))));
}

/** A text in which some words stand in backticks, as descriptions have them. */
export function prose(text) {
  return text.split("`").map((each, at) => (at % 2 ? h("code", { key: at }, each) : each));
}

export function part(title, ...children) {
  return h("section.part", { key: title }, h("h3", {}, title), children);
}

export function copyButton(app, text, what) {
  return h("button.quiet.copy", { "aria-label": `Copy ${what}`, title: `Copy ${what}`, onclick: () => app.copy(text, what) }, "copy");
}

/** What was loaded, or why it was not. */
export function loaded(found, draw) {
  if (found.value !== undefined) return draw(found.value);
  return found.error ? h("p.bad", { role: "alert" }, found.error.message) : h("p.dim", {}, "Loading …");
}

export function saveAs(name, text, type) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

/** Each value once, in order. */
export function unique(values) {
  return [...new Set(values)].sort();
}

/** How many there are: seen at once, and said to who listens not more often than can be listened to. */
export function tally(app, name, text, more) {
  return [
    h("span.dim", { key: "count", "aria-hidden": "true" }, text, more),
    h("span.unseen", { key: "said", role: "status" }, app.calmly(name, text)),
  ];
}

/** `3 of 5 jobs`. */
export function counted(shown, total, noun) {
  const nouns = total === 1 ? noun : `${noun.replace(/y$/, "ie")}s`;
  return shown === total ? `${total} ${nouns}` : `${shown} of ${total} ${nouns}`;
}
