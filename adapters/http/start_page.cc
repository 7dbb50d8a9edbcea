#include "adapters/http/start_page.h"

#include <fstream>
#include <sstream>
#include <string_view>

namespace dailyfeed::http {
namespace {

constexpr std::string_view kBeforeLogins = R"html(<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>dailyfeed</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>
:root{color-scheme:light dark}
body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}
h1{margin-bottom:0} code,pre,textarea,input{font:13px/1.4 ui-monospace,monospace}
table{border-collapse:collapse} td,th{padding:.15rem .8rem .15rem 0;text-align:left}
details{border:1px solid #8885;border-radius:6px;margin:.3rem 0;padding:.3rem .7rem}
summary{cursor:pointer} summary b{display:inline-block;width:4.5rem}
textarea{width:100%;box-sizing:border-box} pre{overflow:auto;max-height:24rem;background:#8881;padding:.6rem}
button{font:inherit;padding:.2rem .8rem} label{display:inline-block;margin-right:1rem}
.bad{color:#c33}
</style></head><body>
<h1>dailyfeed</h1><p>The gateway is running. <a href="/openapi.json">openapi.json</a></p>
<h2>State</h2><table id="state"></table>
<h2>Sample logins</h2><div id="logins"></div><p id="who">Not logged in.</p>
<h2>API</h2><div id="operations"></div>
<script>
"use strict";
const logins = )html";

constexpr std::string_view kAfterLogins = R"html(;
let token = "";
const $ = id => document.getElementById(id);
const make = (tag, text, parent) => {
  const element = document.createElement(tag);
  if (text !== undefined) element.textContent = text;
  if (parent) parent.append(element);
  return element;
};
async function showState() {
  const table = $("state");
  try {
    const state = await (await fetch("/readyz")).json();
    table.replaceChildren();
    const row = (name, value, bad) => {
      const line = make("tr", undefined, table);
      make("th", name, line);
      make("td", value, line).className = bad ? "bad" : "";
    };
    row("ready", state.ready ? "yes" : state.reason, !state.ready);
    row("writable", state.writable ? "yes" : "no: restart after the cause is removed", !state.writable);
    row("events in the log", state.head);
    for (const p of state.projections)
      row("projection " + p.name, "generation " + p.generation + ", lag " + p.lag +
          ", parked keys " + p.parkedKeys, p.lag > 0 || p.parkedKeys > 0);
  } catch (error) {
    table.replaceChildren(make("tr", "no answer: " + error));
  }
}
async function logIn(login) {
  const answer = await fetch("/api/authentication/login", {method: "POST",
    body: JSON.stringify({email: login.email, password: login.password})});
  token = answer.headers.get("Authorization") || "";
  $("who").textContent = answer.ok ? "Logged in as " + login.email + "." : await answer.text();
}
function showLogins() {
  if (!logins.length) $("logins").textContent = "None: this feed has no sample data.";
  for (const login of logins) {
    const line = make("p", undefined, $("logins"));
    make("code", login.email + "  " + login.password, line);
    const button = make("button", "Log in", line);
    button.style.marginLeft = "1rem";
    button.onclick = () => logIn(login);
  }
}
function showOperation(path, method, operation, schemas) {
  const box = make("details", undefined, $("operations"));
  const title = make("summary", undefined, box);
  make("b", method.toUpperCase(), title);
  make("code", path, title);
  make("span", "  " + operation.summary, title);
  const form = make("form", undefined, box);
  const fields = [];
  for (const parameter of operation.parameters) {
    const label = make("label", parameter.name + " ", form);
    const input = make("input", undefined, label);
    input.required = parameter.required;
    fields.push([parameter, input]);
  }
  let body = null;
  if (operation.requestBody) {
    const reference = operation.requestBody.content["application/json"].schema.$ref;
    const schema = schemas[reference.split("/").pop()];
    body = make("textarea", JSON.stringify(schema.example || {}, null, 1), form);
    body.rows = 6;
  }
  make("button", "Send", make("p", undefined, form));
  const output = make("pre", "", box);
  output.hidden = true;
  form.onsubmit = async event => {
    event.preventDefault();
    let target = path;
    const query = new URLSearchParams(), headers = {};
    if (token) headers.Authorization = token;
    for (const [parameter, input] of fields) {
      if (!input.value) continue;
      if (parameter.in === "path")
        target = target.replace("{" + parameter.name + "}", encodeURIComponent(input.value));
      else if (parameter.in === "query") query.set(parameter.name, input.value);
      else headers[parameter.name] = input.value;
    }
    if ([...query].length) target += "?" + query;
    const answer = await fetch(target, {method: method.toUpperCase(), headers,
      body: body ? body.value : undefined});
    token = answer.headers.get("Authorization") || token;
    const text = await answer.text();
    let shown = text;
    try { shown = JSON.stringify(JSON.parse(text), null, 2); } catch (error) { /* no JSON */ }
    output.hidden = false;
    output.textContent = "HTTP " + answer.status + "\n" + shown;
    showState();
  };
}
async function showOperations() {
  const api = await (await fetch("/openapi.json")).json();
  for (const [path, methods] of Object.entries(api.paths))
    for (const [method, operation] of Object.entries(methods))
      showOperation(path, method, operation, api.components.schemas);
}
showState(); showLogins(); showOperations(); setInterval(showState, 3000);
</script></body></html>
)html";

// JSON inside a script element: "</" must not end it.
std::string ForScript(const std::string& json) {
  std::string safe;
  for (const char c : json) {
    if (c == '<') {
      safe += "\\u003c";
    } else {
      safe.push_back(c);
    }
  }
  return safe;
}

}  // namespace

std::string StartPage(const std::string& sample_logins_file) {
  std::ostringstream logins;
  if (!sample_logins_file.empty()) logins << std::ifstream(sample_logins_file).rdbuf();
  std::string page(kBeforeLogins);
  page += logins.str().empty() ? "[]" : ForScript(logins.str());
  page += kAfterLogins;
  return page;
}

}  // namespace dailyfeed::http
