// Draws trees of elements and keeps the page equal to them. Text is only ever set as text: there is no way to give
// markup, so nothing that a client sent can become any. Knows nothing of what is drawn.

const SVG = "http://www.w3.org/2000/svg";
const PROPERTIES = new Set(["value", "checked", "disabled", "selected", "open", "indeterminate", "scrollTop"]);

/** What `h` makes: an object from anywhere else is no part of a tree, and shown as the text that it is. */
class Part {
  constructor(name, key, props, children) {
    this.name = name;
    this.key = key;
    this.props = props;
    this.children = children;
  }
}

/** A node of a tree: `h("a.link", {href: "#"}, "text")`. Children may be nested lists, null and false. */
export function h(tag, props, ...children) {
  const [name, ...classes] = tag.split(".");
  const given = props ?? {};
  const className = [...classes, given.class].filter(Boolean).join(" ");
  return new Part(name, given.key, className ? { ...given, class: className } : given, flat(children));
}

function flat(children, found = []) {
  for (const child of children) {
    if (Array.isArray(child)) flat(child, found);
    else if (child !== null && child !== undefined && child !== false) {
      found.push(child instanceof Part ? child : typeof child === "object" ? JSON.stringify(child) : String(child));
    }
  }
  return found;
}

/** Make `container` hold exactly this tree. What is alike stays: focus, scroll positions, films that play. */
export function render(container, ...trees) {
  const next = flat(trees);
  if (!container.drawn) container.replaceChildren();
  patchChildren(container, container.drawn ?? [], next, container.namespaceURI === SVG);
  container.drawn = next;
}

function create(node, inSvg) {
  if (typeof node === "string") return document.createTextNode(node);
  const isSvg = inSvg || node.name === "svg";
  const element = isSvg ? document.createElementNS(SVG, node.name) : document.createElement(node.name);
  element.handlers = {};
  patchChildren(element, [], node.children, isSvg);
  for (const [name, value] of Object.entries(node.props)) setProp(element, name, value);
  node.props.created?.(element);
  return element;
}

function patchChildren(parent, before, after, inSvg) {
  const keyed = new Map();
  before.forEach((node, at) => node.key !== undefined && keyed.set(node.key, at));
  const existing = [...parent.childNodes].slice(0, before.length);
  const used = new Set();
  let free = 0;
  const kept = after.map((node) => {
    const at = node.key !== undefined ? keyed.get(node.key) : nextUnkeyed();
    if (at === undefined || !isAlike(before[at], node)) return create(node, inSvg);
    used.add(at);
    patch(existing[at], before[at], node, inSvg);
    return existing[at];
  });
  function nextUnkeyed() {
    while (free < before.length && before[free].key !== undefined) free += 1;
    return free < before.length ? free++ : undefined;
  }
  existing.forEach((element, at) => used.has(at) || element.remove());
  let place = parent.firstChild;
  for (const element of kept) {
    if (element === place) place = place.nextSibling;
    else parent.insertBefore(element, place);
  }
}

function isAlike(before, after) {
  return typeof before === "string" ? typeof after === "string" : before.name === after.name && before.key === after.key;
}

function patch(element, before, after, inSvg) {
  if (typeof after === "string") {
    if (before !== after) element.data = after;
    return;
  }
  if (!after.props.foreign) patchChildren(element, before.children, after.children, inSvg || after.name === "svg");
  for (const name of Object.keys(before.props)) {
    if (!(name in after.props)) setProp(element, name, undefined);
  }
  for (const [name, value] of Object.entries(after.props)) {
    const isTyped = name === "value" && element !== document.activeElement; // what somebody types is left alone
    if (before.props[name] !== value || name === "style" || isTyped) setProp(element, name, value);
  }
}

function setProp(element, name, value) {
  if (name === "key" || name === "created" || name === "foreign") return;
  if (name.startsWith("on")) listen(element, name.slice(2), value);
  else if (name === "style") setStyle(element, value);
  else if (PROPERTIES.has(name)) setProperty(element, name, value);
  else if (value === undefined || value === null || value === false) element.removeAttribute(name);
  else element.setAttribute(name, value === true ? "" : String(value));
}

function setProperty(element, name, value) {
  const wanted = value ?? (name === "value" ? "" : false);
  if (element[name] !== wanted) element[name] = wanted;
}

// By way of the object model: a `style` attribute would be refused by the page's policy.
function setStyle(element, value) {
  for (const [name, each] of Object.entries(value ?? {})) {
    if (element.style.getPropertyValue(name) !== String(each)) element.style.setProperty(name, each);
  }
}

function listen(element, name, handler) {
  if (!(name in element.handlers)) element.addEventListener(name, (event) => element.handlers[name]?.(event));
  element.handlers[name] = handler;
}
