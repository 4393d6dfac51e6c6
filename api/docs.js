// Shows the specification. No script from elsewhere is needed.
"use strict";

const make = (tag, props = {}, ...children) => {
  const node = Object.assign(document.createElement(tag), props);
  node.append(...children);
  return node;
};

const resolve = (spec, v) => {
  while (v && v.$ref) v = v.$ref.slice(2).split("/").reduce((at, key) => at[key], spec);
  return v;
};

// example writes a schema as the JSON that it stands for, with types in place of values.
const example = (spec, schema, depth = 0) => {
  const s = resolve(spec, schema) || {};
  if (s.allOf) return Object.assign({}, ...s.allOf.map((p) => example(spec, p, depth)));
  const type = [].concat(s.type || [])[0];
  if (type === "object" || s.properties) {
    if (depth > 5) return {};
    return Object.fromEntries(Object.entries(s.properties || {}).map(([k, v]) => [k, example(spec, v, depth + 1)]));
  }
  if (type === "array") return depth > 5 ? [] : [example(spec, s.items, depth + 1)];
  const text = s.enum ? s.enum.join(" | ") : s.format || type || "any";
  return s.description ? `${text}: ${s.description}` : text;
};

const body = (spec, title, content) =>
  Object.entries(content || {}).map(([kind, v]) =>
    make("div", {}, make("p", { textContent: `${title} · ${kind}` }), make("pre", { textContent: JSON.stringify(example(spec, v.schema), null, 2) })));

const operation = (spec, path, method, op) => {
  const inside = make("div", {});
  if (op.description) inside.append(make("p", { textContent: op.description }));
  const parameters = (op.parameters || []).map((p) => resolve(spec, p));
  if (parameters.length) {
    inside.append(make("table", {}, ...parameters.map((p) =>
      make("tr", {}, make("th", { scope: "row", textContent: p.name }), make("td", { textContent: p.in }), make("td", { textContent: p.description || "" })))));
  }
  if (op.requestBody) inside.append(...body(spec, "request", resolve(spec, op.requestBody).content));
  for (const [status, r] of Object.entries(op.responses)) {
    const answer = resolve(spec, r);
    inside.append(make("p", { textContent: `${status} — ${answer.description}` }));
    if (status !== "default") inside.append(...body(spec, status, answer.content));
  }
  const summary = make("summary", {},
    make("span", { className: "who", textContent: op["x-permission"] || "" }),
    make("span", { className: "method", textContent: method.toUpperCase() }), make("code", { textContent: path }), ` — ${op.summary || ""}`);
  return make("details", {}, summary, inside);
};

const show = (spec, text) => {
  const byTag = new Map();
  for (const [path, item] of Object.entries(spec.paths)) {
    for (const [method, op] of Object.entries(item)) {
      if (!op.responses || !`${method} ${path} ${op.summary}`.toLowerCase().includes(text.toLowerCase())) continue;
      const tag = (op.tags || ["other"])[0];
      byTag.set(tag, [...(byTag.get(tag) || []), operation(spec, path, method, op)]);
    }
  }
  const out = document.getElementById("out");
  out.replaceChildren(...[...byTag].map(([tag, ops]) => make("section", {}, make("h2", { textContent: tag }), ...ops)));
};

fetch("/api/openapi.json").then((r) => r.json()).then((spec) => {
  document.getElementById("intro").textContent = spec.info.description;
  const filter = document.getElementById("filter");
  filter.addEventListener("input", () => show(spec, filter.value));
  show(spec, "");
});
