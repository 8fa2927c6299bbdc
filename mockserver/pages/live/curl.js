// A request of the journal as a command for a shell. What was redacted is put in again where it is a key we know.
//
// Whoever made the request may have meant the command for whoever pastes it: each word is quoted, nothing in it controls a
// terminal, and curl reads no file but one that lies where the command is run and has the name of a file that was sent.

import { ROOT, read } from "./api.js";

const LEFT_OUT = new Set(["host", "content-length", "connection", "accept-encoding", "transfer-encoding", "expect"]);
const HERE = location.origin + ROOT.replace(/_mock\/$/, "");

export async function curl(app, entry) {
  const { sent } = entry;
  const accounts = (await read(app.sandbox.path("accounts"))).filter((each) => each.api === entry.api);
  const account = accounts.find((each) => each.id === entry.account) ?? accounts[0] ?? {};
  const words = ["curl", "-sS", "-i", "-g", "--path-as-is"];
  if (entry.method === "HEAD" && !sent?.text) words.push("--head");
  else if (entry.method !== "GET") words.push("-X", quoted(entry.method));
  const type = headerOf(sent, "content-type");
  const isMultipart = type.startsWith("multipart/form-data");
  for (const [name, value] of sent?.headers ?? []) {
    if (LEFT_OUT.has(name.toLowerCase()) || (isMultipart && name.toLowerCase() === "content-type")) continue;
    const whole = value.replace("[redacted]", () => secretFor(name, value, account));
    words.push("-H", quoted(whole ? `${name}: ${whole}` : `${name};`));
  }
  words.push(...bodyOf(sent, type, isMultipart));
  words.push(quoted(addressOf(entry.path, sent?.query)));
  return words.join(" ");
}

/** The journal tells a path as it was read, and a query as it was sent. */
function addressOf(path, query) {
  const encoded = encodeURI(path.toWellFormed()).replace(/[?#]/g, encodeURIComponent);
  const asked = query ? `?${query.toWellFormed().replace(/[^!-~]|#/gu, encodeURIComponent)}` : "";
  return HERE + encoded.replace(/^\//, "") + asked;
}

function headerOf(sent, wanted) {
  return sent?.headers.find(([name]) => name.toLowerCase() === wanted)?.[1] ?? "";
}

function secretFor(name, value, account) {
  if (!/auth|key|token|cookie/i.test(name)) return "[redacted]"; // no key of ours: the client knows what it was
  if (/^basic /i.test(value) && account.client_id) return btoa(`${account.client_id}:${account.client_secret}`);
  return account.api_key ?? (/^bearer /i.test(value) ? "TOKEN" : "KEY");
}

function bodyOf(sent, type, isMultipart) {
  if (!sent?.text) return [];
  if (!isMultipart && type !== "application/x-www-form-urlencoded") return ["--data-raw", quoted(sent.text)];
  let parts;
  try {
    parts = Object.entries(JSON.parse(sent.text));
  } catch {
    return ["--data-raw", quoted(sent.text)];
  }
  return parts.flatMap(([name, value]) => (isMultipart ? partOf(name, plain(value)) : ["--data-urlencode", quoted(`${encodeURIComponent(name)}=${plain(value)}`)]));
}

/** A file is told as `name (type, so many bytes)`; whoever runs the command has one of that name. */
function partOf(name, value) {
  const [, path = "", type = ""] = /^(.*) \(([^(),]+\/[^(),]+), \d+ bytes\)$/s.exec(value) ?? [];
  const file = path.split(/[\\/]/).pop();
  const isName = !["", ".", ".."].includes(file) && !/["=]/.test(name);
  if (!isName) return ["--form-string", quoted(`${name}=${value}`)];
  const told = /^[\w.+-]+\/[\w.+-]+$/.test(type) ? `;type=${type}` : ""; // another word would be an option of curl's
  return ["-F", quoted(`${name}=@"${file.replace(/["\\]/g, "\\$&")}"${told}`)];
}

function plain(value) {
  return typeof value === "string" ? value : JSON.stringify(value);
}

// Control characters, and what turns, hides or breaks text: a terminal acts on some of them before a shell sees a quote.
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;
const ESCAPED = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\\'!]/gu;

/** A text as one word of bash and zsh. */
function quoted(text) {
  if (/^[\w@%+:,./-][\w@%+=:,./-]*$/.test(text)) return text;
  if (!UNSEEN.test(text)) return `'${text.replaceAll("'", "'\\''")}'`;
  return `$'${text.replace(ESCAPED, (each) => [...new TextEncoder().encode(each)].map(hex).join(""))}'`;
}

function hex(byte) {
  return `\\x${byte.toString(16).padStart(2, "0")}`;
}
