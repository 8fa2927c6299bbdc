// A request of the journal as a command for a shell. What was redacted is put in again where it is a key we know.

import { read } from "./api.js";

const LEFT_OUT = new Set(["host", "content-length", "connection", "accept-encoding", "transfer-encoding", "expect"]);

export async function curl(app, entry) {
  const { sent } = entry;
  const accounts = (await read(app.sandbox.path("accounts"))).filter((each) => each.api === entry.api);
  const account = accounts.find((each) => each.id === entry.account) ?? accounts[0] ?? {};
  const words = ["curl", "-sS", "-i"];
  if (entry.method !== "GET") words.push("-X", entry.method);
  const type = headerOf(sent, "content-type");
  const isMultipart = type.startsWith("multipart/form-data");
  for (const [name, value] of sent?.headers ?? []) {
    if (LEFT_OUT.has(name.toLowerCase()) || (isMultipart && name.toLowerCase() === "content-type")) continue;
    words.push("-H", quoted(`${name}: ${value.replace("[redacted]", secretFor(name, value, account))}`));
  }
  words.push(...bodyOf(sent, type, isMultipart));
  words.push(quoted(`${location.origin}${entry.path}${sent?.query ? `?${sent.query}` : ""}`));
  return words.join(" ");
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
  const option = isMultipart ? "-F" : "--data-urlencode";
  return parts.flatMap(([name, value]) => [option, quoted(isMultipart ? `${name}=${fileOf(value)}` : `${name}=${plain(value)}`)]);
}

/** A file is told as `name (type, so many bytes)`; whoever runs the command has one of that name. */
function fileOf(value) {
  const file = /^(.*) \(([^(),]+\/[^(),]+), \d+ bytes\)$/.exec(plain(value));
  return file ? `@${file[1]};type=${file[2]}` : plain(value);
}

function plain(value) {
  return typeof value === "string" ? value : JSON.stringify(value);
}

function quoted(text) {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
