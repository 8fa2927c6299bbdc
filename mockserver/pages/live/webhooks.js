// Webhooks of a sandbox: those that wait, those that are done, and a test of where they go.

import { h } from "./dom.js";
import { faultName } from "./entry-line.js";
import { list } from "./list.js";
import { choice, counted, search, split, tally, unique } from "./parts.js";
import { duration } from "./time.js";
import { outcomeChip, posting, testForm } from "./webhook.js";

export function webhooks(app) {
  const { sandbox } = app;
  const now = sandbox.clock.now();
  const text = app.filter("webhooks", "").toLowerCase();
  const outcome = app.filter("webhooks-outcome", "");
  const all = [...sandbox.webhooks.values()].reverse();
  const items = all.filter((each) => (!outcome || each.outcome === outcome) && (!text || JSON.stringify(each).toLowerCase().includes(text)));
  const chosen = sandbox.webhooks.get(app.ui.chosen);
  const isTest = app.ui.chosen === "test";
  return split(app, {
    bar: [
      search(app, "webhooks", "Filter webhooks"),
      choice(app, "webhooks-outcome", "Outcome", unique(all.map((each) => each.outcome))),
      h("span.grow", { key: "grow" }),
      tally(app, "webhooks", counted(items.length, all.length, "webhook")),
      app.isReadOnly ? null : h("a.button", { key: "test", href: app.address("webhooks", "test") }, "Send a test webhook"),
    ],
    main: list(app.list("webhooks"), {
      id: "webhook-list", label: "Webhooks, newest first", items, keyOf: (each) => each.id, chosen: app.ui.chosen, height: 32,
      onchoose: (each) => app.go("webhooks", each.id), empty: all.length ? "No webhook fits the filter." : "No webhooks yet: none is owed.",
      row: (each) => row(app, each, now),
    }),
    title: isTest ? "Test webhook" : chosen && `Webhook ${chosen.webhook}`,
    detail: isTest ? testForm(app) : chosen && posting(app, chosen, now),
    missing: app.ui.chosen && !isTest && !chosen ? "This webhook is kept no more." : null,
  });
}

/** The faults that its attempts met. */
function faultsOf(app, { request, job }) {
  const attempts = app.sandbox.journal.attempts.get(request) ?? [];
  return unique(attempts.filter((each) => each.fault && each.job === job).map((each) => faultName(each.fault)));
}

function row(app, each, now) {
  return [
    { class: "state", content: outcomeChip(each) },
    { class: "id", title: `${each.api} ${each.webhook}`, content: `${each.api} ${each.webhook}` },
    { class: "mono wide dim", title: each.url, content: each.url },
    { class: "marks few", content: faultsOf(app, each).map((name) => h("span.tag.fault", { key: name, title: "a fault took effect" }, name)) },
    { class: "what-next dim", content: each.due && each.due > now ? `due in ${duration(each.due - now)}` : each.last?.sentence ?? "" },
    { class: "mono dim end", title: "attempts", content: `${each.tries ?? 0} ×` },
  ];
}
