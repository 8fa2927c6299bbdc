// What time it is in the sandbox, how the clock goes, and buttons that move it.

import { h } from "./dom.js";
import { nextEvent } from "./jobs-at.js";
import { dateOf, duration, timeOfDay } from "./time.js";

export function clockBar(app) {
  const { sandbox } = app;
  const now = sandbox.clock.now();
  const next = nextEvent(sandbox.jobs.values(), sandbox.webhooks.values(), sandbox.activity.held, now);
  return h(
    "section.clock",
    { "aria-label": "Clock" },
    h("span.time", { title: `Time in this sandbox, UTC: ${now}` }, h("small", {}, dateOf(now)), h("b", {}, timeOfDay(now, 1))),
    app.isReadOnly ? h("span.dim", {}, modeOf(sandbox.clock.said)) : mode(app),
    h("span.next", { title: next ? `${next.what} of ${next.job}` : "" }, next
      ? [h("span.dim", {}, "next "), next.what, h("span.dim", {}, ` in ${duration(next.at - now)}`)]
      : h("span.dim", {}, "nothing is due")),
    app.isReadOnly ? null : h("span.buttons", {},
      advance(app, "+10 s", 10, "Advance the clock by 10 seconds"),
      advance(app, "+1 min", 60, "Advance the clock by one minute"),
      h("button", {
        key: "next", disabled: !next, "aria-label": "Advance the clock to the next event",
        onclick: () => app.act("The clock was moved to the next event.", "POST", sandbox.path("clock", "next"), {}),
      }, "Next event")),
  );
}

function modeOf({ mode, rate, step }) {
  if (mode === "real") return rate === 1 ? "real time" : `real time × ${rate}`;
  return mode === "step" ? `${step} s a request` : "stands (manual)";
}

function mode(app) {
  const { mode, rate, step } = app.sandbox.clock.said;
  const set = (body) => app.act("The clock was switched.", "PUT", app.sandbox.path("clock"), body);
  const number = (value, label, name) => h("input.number", {
    type: "number", min: "0.001", step: "any", value: String(value), "aria-label": label, title: label,
    onchange: (event) => set({ mode, [name]: Number(event.target.value) }),
  });
  return h("span.mode", {},
    h("select", { "aria-label": "How the clock goes", onchange: (event) => set({ mode: event.target.value }) },
      [["real", "real time"], ["manual", "stands (manual)"], ["step", "steps by request"]].map(([value, label]) =>
        h("option", { value, selected: value === mode }, label))),
    mode === "real" ? [h("span.dim", { key: "x" }, "×"), number(rate, "Rate: times as fast as real time", "rate")] : null,
    mode === "step" ? [number(step, "Seconds a request", "step"), h("span.dim", { key: "s" }, "s")] : null);
}

function advance(app, text, seconds, label) {
  return h("button", {
    key: label, "aria-label": label, title: label,
    onclick: () => app.act(() => `The clock was moved by ${duration(seconds)}.`, "POST", app.sandbox.path("clock", "advance"), { seconds }),
  }, text);
}
