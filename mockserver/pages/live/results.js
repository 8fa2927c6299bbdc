// What came of a job: pictures, films with sound, sounds and texts.

import { read } from "./api.js";
import { text } from "./body.js";
import { h } from "./dom.js";
import { loaded, part, saveAs } from "./parts.js";
import { bytes } from "./time.js";

const MOST_TEXT = 20000;
const shown = new Map(); // addresses of bytes by what they are of; few, for they take memory
const MOST_SHOWN = 12;

export function results(app, job, stands) {
  const found = app.load(`results:${job.id}`, () => read(app.sandbox.path("jobs", job.id, "results")), `${job.rev}:${stands.state}`);
  return loaded(found, (all) => (all.length ? part("Results", all.map((each) => result(each, `${app.sandbox.name}/${job.id}/${job.rev}/${each.name}`))) : null));
}

function result(each, key) {
  const kind = each.content_type.split(";")[0];
  return h("figure.result", { key }, each.content === null ? h("p.dim", {}, "Too large to be shown here.") : preview(each, kind, key),
    h("figcaption", {}, h("b", {}, each.file), h("span.dim", {}, `${kind}, ${bytes(each.size)}`),
      each.content === null ? null : h("button.quiet", { onclick: () => saveAs(each.file, decoded(each.content), kind) }, "save")));
}

function preview(each, kind, key) {
  const label = `Result ${each.file}`;
  if (kind.startsWith("image/")) return h("img", { src: addressOf(each, kind, key), alt: label });
  if (kind.startsWith("video/")) return h("video", { src: addressOf(each, kind, key), controls: true, "aria-label": label });
  if (kind.startsWith("audio/")) return h("audio", { src: addressOf(each, kind, key), controls: true, "aria-label": label });
  if (kind.startsWith("text/") || kind.includes("json") || kind.includes("subrip")) return text(new TextDecoder().decode(decoded(each.content)).slice(0, MOST_TEXT));
  return null;
}

function decoded(content) {
  return Uint8Array.from(atob(content), (each) => each.charCodeAt(0));
}

function addressOf(each, kind, key) {
  if (!shown.has(key)) {
    shown.set(key, URL.createObjectURL(new Blob([decoded(each.content)], { type: kind })));
    for (const [old, address] of shown) {
      if (shown.size <= MOST_SHOWN) break;
      URL.revokeObjectURL(address);
      shown.delete(old);
    }
  }
  return shown.get(key);
}
