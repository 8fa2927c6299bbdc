// Accounts with their keys, to be copied, and where each API answers.

import { read } from "./api.js";
import { h } from "./dom.js";
import { copyButton } from "./parts.js";

const NAMES = { api_key: "API key", client_id: "Client id", client_secret: "Client secret", webhook_secret: "Webhook secret" };

export function accounts(app) {
  const { sandbox } = app;
  const further = app.load("accounts", () => read(sandbox.path("accounts")).catch(() => []), JSON.stringify(sandbox.settings), 1000).value ?? [];
  return h("div.scroll", { tabindex: 0, role: "region", "aria-label": "Accounts" }, h("div.cards-wide", {}, Object.entries(sandbox.info?.apis ?? {}).map(([name, info]) =>
    api(app, name, info, further.filter((each) => each.api === name)))));
}

function api(app, name, info, further) {
  const shown = further.length ? further : [info];
  return h("section.card", { key: name, "aria-label": name }, h("h3", {}, name), line(app, name, "Address", info.url),
    shown.map((each, at) => h("div.account", { key: each.id ?? at },
      each.id ? h("p.small.dim", {}, `${each.id} · ${each.state}${each.credits === null || each.credits === undefined ? "" : ` · ${each.credits} credits`}`) : null,
      Object.entries(NAMES).filter(([key]) => each[key]).map(([key, label]) => line(app, name, label, each[key])))),
    app.isReadOnly ? null : create(app, name));
}

function line(app, api, label, value) {
  return h("div.pair", { key: label }, h("span.dim", {}, label), h("code", {}, value), copyButton(app, value, `${label} of ${api}`));
}

function create(app, name) {
  const submit = (event) => {
    event.preventDefault();
    const { credits, state } = event.target.elements;
    const body = { api: name, state: state.value, ...(credits.value === "" ? {} : { credits: Number(credits.value) }) };
    app.act(() => "The account was made.", "POST", app.sandbox.path("accounts"), body).then(() => (app.loaded.delete("accounts"), app.redraw()));
  };
  return h("form.inline", { key: "create", "aria-label": `A new account of ${name}`, onsubmit: submit },
    h("select", { name: "state", "aria-label": "State" }, ["active", "deactivated"].map((each) => h("option", { key: each, value: each }, each))),
    h("input.number", { name: "credits", type: "number", min: 0, step: "any", placeholder: "credits", "aria-label": "Credits; none: endless" }), h("button", {}, "New account"));
}
