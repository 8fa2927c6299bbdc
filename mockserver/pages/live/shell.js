// The frame of the page: sandboxes on the left, the clock on top, tabs, and the view that is looked at.

import { accounts } from "./accounts.js";
import { clockBar } from "./clock-bar.js";
import { conduct, findings } from "./conduct.js";
import { coverage } from "./coverage.js";
import { h } from "./dom.js";
import { faults } from "./faults.js";
import { jobs } from "./jobs.js";
import { journal } from "./journal.js";
import { list } from "./list.js";
import { scenarios } from "./scenarios.js";
import { duration, epochOf } from "./time.js";
import { isFailed } from "./webhook.js";
import { webhooks } from "./webhooks.js";

const VIEWS = { jobs, journal, webhooks, faults, scenarios, conduct, coverage, accounts };
const TITLES = {
  jobs: "Jobs", journal: "Journal", webhooks: "Webhooks", faults: "Faults", scenarios: "Scenarios",
  conduct: "Conduct", coverage: "Coverage", accounts: "Accounts",
};

export function shell(app) {
  return [
    h("a.skip", { key: "skip", href: "#view", onclick: (event) => skip(event) }, "Skip to the view"),
    header(app),
    menu(app),
    h(
      "main",
      { key: "main", id: "view", tabindex: -1, "aria-label": `${app.sandbox.name}: ${TITLES[app.ui.tab]}` },
      gone(app),
      h("div.view", { key: `${app.sandbox.name}/${app.ui.tab}` }, VIEWS[app.ui.tab](app)),
    ),
    notices(app),
  ];
}

function skip(event) {
  event.preventDefault();
  document.getElementById("view").focus();
}

function header(app) {
  return h(
    "header.top",
    { key: "header" },
    h("div.brand", {}, h("button.menu", {
      "aria-expanded": String(app.ui.isMenuOpen), "aria-controls": "sandboxes", title: "Sandboxes",
      "aria-label": "Sandboxes", onclick: () => ((app.ui.isMenuOpen = !app.ui.isMenuOpen), app.redraw()),
    }, "☰"), h("h1", {}, app.sandbox.name), connection(app), app.isReadOnly ? h("span.chip.plain", { title: "The server was started so that this page changes nothing." }, "read-only") : null),
    clockBar(app),
    tabs(app),
  );
}

const WORDS = { connecting: "connecting", open: "live", lost: "connection lost, trying again", gone: "over" };

function connection(app) {
  const state = app.sandbox.connection;
  return h("span.connection", { class: state, role: "status", title: app.sandbox.why || WORDS[state] }, WORDS[state]);
}

function tabs(app) {
  return h(
    "nav.tabs",
    { "aria-label": "Views" },
    Object.keys(VIEWS).map((name) =>
      h("a", {
        key: name, href: app.address(name), "aria-current": app.ui.tab === name ? "page" : null,
      }, TITLES[name], count(app, name)),
    ),
    h("span.grow", { key: "grow" }),
    h("a.quiet", { key: "docs", href: app.docs("docs") }, "API docs"),
  );
}

function count(app, name) {
  const { sandbox } = app;
  const counts = {
    jobs: sandbox.jobs.size, journal: sandbox.journal.entries.length, webhooks: sandbox.webhooks.size,
    faults: sandbox.faults.size, conduct: findings(app).value?.length,
  };
  return counts[name] ? h("span.count", worry(app, name), String(counts[name])) : null;
}

/** Whether what is counted is worth a look. */
function worry(app, name) {
  if (name === "conduct") return { class: "warn", title: "what the rules of conduct found" };
  const failed = name === "webhooks" ? [...app.sandbox.webhooks.values()].filter(isFailed).length : 0;
  return failed ? { class: "bad", title: `${failed} not delivered` } : {};
}

function gone(app) {
  if (app.sandbox.connection !== "gone") return null;
  return h("div.notice.bad", { key: "gone", role: "alert" }, app.sandbox.why, " ",
    h("a", { href: app.address("jobs", null, "default") }, "Open the default sandbox"));
}

function menu(app) {
  const wanted = app.filter("sandboxes", "").toLowerCase();
  const all = [...app.sandboxes.values()];
  const items = all.filter((each) => `${each.name} ${each.owner}`.toLowerCase().includes(wanted));
  return h(
    "nav.sandboxes",
    { key: "menu", id: "sandboxes", class: app.ui.isMenuOpen ? "open" : "", "aria-label": "Sandboxes" },
    h("div.bar", { key: "bar" }, h("h2", {}, "Sandboxes"), h("span.count", {}, String(all.length))),
    h("div.bar", { key: "filter" }, h("input.grow", {
      type: "search", placeholder: "Filter", "aria-label": "Filter sandboxes", value: app.filter("sandboxes", ""),
      oninput: (event) => app.setFilter("sandboxes", event.target.value),
    })),
    list(app.list("sandboxes"), {
      id: "sandbox-list", label: "Sandboxes", items, keyOf: (each) => each.name, chosen: app.sandbox.name, height: 44,
      empty: "No sandbox fits.", onchoose: (each) => { location.hash = app.address(app.ui.tab, null, each.name); },
      row: (each) => [{ class: "two-lines", title: `${each.name} ${each.owner}`, content: [
        h("b", {}, each.name), h("small", {}, h("bdi", {}, each.owner || (each.name === "default" ? "for everybody" : ""))),
      ] }, { class: "end dim age", title: `made ${each.made}`, content: age(each) }],
    }),
  );
}

// `made` is real time, as this browser's clock is.
function age(sandbox) {
  const seconds = Date.now() / 1000 - epochOf(sandbox.made);
  return seconds < 60 ? "now" : duration(Math.floor(seconds / 60) * 60);
}

function notices(app) {
  return h("div.notices", { key: "notices", role: "log", "aria-label": "Notices", "aria-live": "polite" }, app.notices.map((each) =>
    h("div.notice", { key: each.id, class: each.isBad ? "bad" : "good" }, h("span.grow", {}, each.text),
      h("button.quiet", { "aria-label": "Dismiss", onclick: () => app.dismiss(each) }, "×"))));
}
