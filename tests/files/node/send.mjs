// Sends files as Node's own fetch and axios do, and prints the status.
// argv: the client, and what it shall send, as JSON: {url, headers, fields, files: [{part, name, type, path}]} for a
// form, or {put: {url, type, path}} for the bytes of one file.
import { openAsBlob } from "node:fs";
import { readFile } from "node:fs/promises";

const [client, text] = process.argv.slice(2);
const said = JSON.parse(text);

async function form(FormData, File) {
  const made = new FormData();
  for (const [name, value] of Object.entries(said.fields)) made.append(name, value);
  for (const { part, name, type, path } of said.files) {
    const blob = await openAsBlob(path, { type });
    if (name === null) made.append(part, await blob.text());
    else made.append(part, new File([blob], name, { type }), name);
  }
  return made;
}

async function byFetch() {
  const { File } = await import("node:buffer");
  if (said.put) {
    const { url, type, path } = said.put;
    const put = await fetch(url, { method: "PUT", headers: { "Content-Type": type }, body: await readFile(path) });
    return put.status;
  }
  const body = await form(FormData, File);
  return (await fetch(said.url, { method: "POST", headers: said.headers, body })).status;
}

async function byAxios() {
  const { default: axios } = await import("axios");
  const { default: FormData } = await import("form-data");
  const settings = { proxy: false, validateStatus: () => true, maxBodyLength: Infinity };
  if (said.put) {
    const { url, type, path } = said.put;
    const headers = { "Content-Type": type };
    return (await axios.put(url, await readFile(path), { ...settings, headers })).status;
  }
  const body = new FormData();
  for (const [name, value] of Object.entries(said.fields)) body.append(name, value);
  for (const { part, name, type, path } of said.files) {
    const data = await readFile(path);
    const options = name === null ? {} : { filename: name, ...(type ? { contentType: type } : {}) };
    body.append(part, name === null ? data.toString() : data, options);
  }
  const headers = { ...said.headers, ...body.getHeaders() };
  return (await axios.post(said.url, body, { ...settings, headers })).status;
}

console.log(JSON.stringify(await { fetch: byFetch, axios: byAxios }[client]()));
