// One webhook: every attempt with what was sent and answered, whether its signature is right, and sending it again.

import { read, write } from "./api.js";
import { body, headerTable, text } from "./body.js";
import { h } from "./dom.js";
import { faultName } from "./entry-line.js";
import { copyButton, facts, loaded, part } from "./parts.js";
import { duration } from "./time.js";

export function posting(app, brief, now) {
  const found = app.load(`webhook:${brief.id}`, () => readPosting(app, brief), `${brief.outcome}${brief.tries}`);
  const job = h("a", { key: "job", href: app.address("jobs", brief.job) }, brief.job);
  return [
    h("div.headline", { key: "headline" }, outcomeChip(brief), brief.due && brief.due > now ? h("span.dim", {}, `due in ${duration(brief.due - now)}`) : null),
    app.isReadOnly || !brief.tries ? null : h("div.actions", { key: "actions" },
      h("button", { onclick: () => app.act("The webhook was sent again.", "POST", app.sandbox.path("webhooks", brief.id, "resend"), {}) }, "Send again")),
    part("Facts", facts([
      ["To", [h("code", { key: "url" }, brief.url), copyButton(app, brief.url, "the address")]], ["Job", job],
      ["Caused by", brief.request && h("a", { href: app.address("journal", brief.request) }, `#${brief.request}`)],
    ])),
    h("div", { key: "attempts" }, loaded(found, (whole) => whole.attempts.map((each, at) => part(`Attempt ${at + 1} of ${whole.attempts.length}`, attempt(app, each, faultOf(app, whole, each)))).reverse())),
  ];
}

async function readPosting(app, { id, job }) {
  const all = await read(`${app.sandbox.path("webhooks")}?job=${encodeURIComponent(job)}`);
  const found = all.find((each) => each.id === id);
  if (!found) throw new Error("This webhook is kept no more.");
  return found;
}

/** The attempt that an entry of the journal tells of, whole: `null` where it is kept no more. */
export function attemptOf(app, entry) {
  return app.load(`attempt:${entry.n}`, async () => {
    const all = await read(`${app.sandbox.path("webhooks")}?job=${encodeURIComponent(entry.job)}`);
    const found = all.find((each) => each.request === entry.request && (each.url === entry.url || all.length === 1));
    return found?.attempts[(entry.attempt_number ?? 1) - 1] ?? null;
  });
}

/** Whether it was tried and did not arrive. */
export function isFailed(each) {
  return !["delivered", "waiting", "not due"].includes(each.outcome);
}

/** What a webhook came to, as a coloured word. */
export function outcomeChip(each) {
  const tone = isFailed(each) ? "bad" : each.outcome === "delivered" ? "good" : "waiting";
  return h("span.chip", { class: tone }, each.last?.status && each.outcome !== "delivered" ? `${each.outcome} ${each.last.status}` : each.outcome);
}

/** One attempt to deliver, and the fault that it met. */
export function attempt(app, each, fault) {
  return h("div.attempt", { key: each.at },
    h("p", { key: "outcome" }, h("span.chip", { class: each.outcome === "delivered" ? "good" : "bad" }, each.status ? `${each.outcome} ${each.status}` : each.outcome), " ", each.sentence, h("span.dim", {}, ` ${each.at ?? ""}`)),
    fault ? h("p.notice.fault", { key: "fault" }, h("b", {}, faultName(fault)), " took effect: what was sent is wrong on purpose.") : null,
    signature(app, each),
    h("div.sides", { key: "sides" },
      h("div.side", { key: "sent", role: "group", "aria-label": "What was sent" }, h("h3", {}, "Sent"), h("p.mono.url", {}, `POST ${each.url}`),
        headerTable(Object.entries(each.headers)), body({ headers: each.headers, text: each.body, size: undefined })),
      h("div.side", { key: "answer", role: "group", "aria-label": "What the receiver answered" }, h("h3", {}, "Receiver answered"),
        h("p.mono.url", {}, each.status ? String(each.status) : "nothing"), each.answer ? text(each.answer) : h("p.dim", {}, "No body"))));
}

function faultOf(app, whole, each) {
  const entries = app.sandbox.journal.attempts.get(whole.request) ?? [];
  return (entries.find((entry) => entry.at === each.at) ?? entries.find((entry) => entry.job === whole.job))?.fault;
}

// The control API judges a signature; it changes nothing, so that who may only read may ask, too.
function signature(app, each) {
  if (!Object.keys(each.headers).length) return null; // nothing was sent
  const signed = Object.keys(each.headers).some((name) => /signature|hmac/i.test(name));
  if (!signed) return h("p.dim", { key: "signature" }, "Not signed.");
  const key = `signature:${each.at}:${each.url}:${each.headers["webhook-id"] ?? ""}`;
  const found = app.load(key, () => write("POST", app.sandbox.path("webhooks", "verify"), { headers: each.headers, content: base64(each.body) }));
  return h("p", { key: "signature" }, loaded(found, (verdict) => (verdict.verified
    ? [h("span.chip.good", {}, "signature right"), " Made with the webhook secret that is shown under Accounts: a receiver that refuses it checks with another secret or other bytes."]
    : [h("span.chip.bad", {}, "signature wrong"), " No secret of this sandbox makes it: a receiver is right to refuse it."])));
}

function base64(text) {
  return btoa(Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte)).join(""));
}

/** A webhook without a job, to see where it arrives. */
export function testForm(app) {
  const apis = Object.entries(app.sandbox.info?.apis ?? {}).filter(([, info]) => info.webhook_secret).map(([name]) => name);
  const form = app.ui.forms.test ?? (app.ui.forms.test = { answer: null });
  return h("form.form", { key: "test", onsubmit: async (event) => {
    event.preventDefault();
    const { api, url } = event.target.elements;
    form.answer = await app.act("The test webhook was sent.", "POST", app.sandbox.path("webhooks", "test"), { api: api.value, url: url.value });
    app.redraw();
  } },
  h("p.dim", {}, "Sends one webhook with made-up data, signed as real ones are. No job and no request is needed."),
  h("label", {}, "API", h("select", { name: "api" }, apis.map((each) => h("option", { key: each, value: each }, each)))),
  h("label", {}, "Address", h("input", { name: "url", type: "url", required: true, placeholder: "http://127.0.0.1:9000/hook" })),
  h("button.main", {}, "Send"),
  form.answer ? h("pre.json", { tabindex: 0, "aria-label": "What came of it" }, JSON.stringify(form.answer, null, 2)) : null);
}
