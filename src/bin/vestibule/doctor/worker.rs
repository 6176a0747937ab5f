//! What wrangler.toml says of the Worker.

use toml::{Table, Value};
use vestibule::web_url::WebUrl;

use super::finding::Finding;
use crate::store::Place;

const WHERE_IT_FAILS: &str = "In the dashboard, under the zone's Workers Routes, edit the route and \
    set its request limit failure mode to “fail closed (block)”.";

/// Everything that the file tells.
pub fn examine(place: &Place, url: &WebUrl) -> Vec<Finding> {
    let table = match read(place) {
        Ok(table) => table,
        Err(why) => return vec![Finding::unknown("wrangler-toml", why, "Say --config.")],
    };
    let mut findings = vec![
        switched_off(&table, "workers-dev", "workers_dev", "the address on workers.dev"),
        switched_off(&table, "preview-urls", "preview_urls", "the addresses of previews"),
    ];
    if url.is_local() {
        let why = "a gate on this computer has no route";
        let remedy = "Ask the deployed gate.";
        findings.push(Finding::unknown("route", why, remedy));
        findings.push(Finding::unknown("fail-closed", why, remedy));
    } else {
        findings.push(route(&table, url.host()));
        let why = "how the route fails is a setting of the dashboard, and no file tells it";
        findings.push(Finding::unknown("fail-closed", why, WHERE_IT_FAILS));
    }
    findings.push(store(&table, url));
    findings.push(login_limit(&table));
    findings
}

fn read(place: &Place) -> Result<Table, String> {
    let file = place.config();
    let failed = |error: String| format!("{}: {}", file.display(), error.trim());
    let text = std::fs::read_to_string(file).map_err(|error| failed(error.to_string()))?;
    text.parse().map_err(|error: toml::de::Error| failed(error.to_string()))
}

/// A way to the Worker that goes around the route, and so around the host's own name.
fn switched_off(table: &Table, check: &'static str, key: &str, what: &str) -> Finding {
    match table.get(key).and_then(Value::as_bool) {
        Some(false) => Finding::good(check, format!("wrangler.toml turns {what} off")),
        found => {
            let says = if found.is_some() { "turns on" } else { "does not turn off" };
            let remedy = format!("Write {key} = false, and deploy.");
            Finding::bad(check, format!("wrangler.toml {says} {what}"), remedy)
        }
    }
}

fn route(table: &Table, host: &str) -> Finding {
    let listed = table.get("routes").and_then(Value::as_array).into_iter().flatten();
    let routes: Vec<&Value> = listed.chain(table.get("route")).collect();
    let pattern = |route: &Value| match route {
        Value::String(pattern) => Some((pattern.clone(), false)),
        Value::Table(route) => {
            let custom = route.get("custom_domain").and_then(Value::as_bool).unwrap_or(false);
            Some((route.get("pattern")?.as_str()?.to_owned(), custom))
        }
        _ => None,
    };
    let patterns: Vec<(String, bool)> = routes.into_iter().filter_map(pattern).collect();
    let whole = |(pattern, custom): &&(String, bool)| match pattern.strip_suffix("/*") {
        Some(hosts) => covers(hosts, host),
        None => *custom && pattern == host,
    };
    if let Some((pattern, _)) = patterns.iter().find(whole) {
        return Finding::good("route", format!("{pattern} covers all of {host}"));
    }
    let remedy = format!("Write a route with the pattern \"{host}/*\", and deploy.");
    let parts = patterns.iter().filter(|(pattern, _)| {
        pattern.split_once('/').is_some_and(|(hosts, _)| covers(hosts, host))
    });
    let parts: Vec<&str> = parts.map(|(pattern, _)| pattern.as_str()).collect();
    let says = match parts.as_slice() {
        [] => format!("no route of wrangler.toml covers {host}"),
        parts => format!("only {} is routed: all else goes around the gate", parts.join(", ")),
    };
    Finding::bad("route", says, remedy)
}

/// Whether the host part of a route's pattern covers a host. A `*` may only lead it.
fn covers(hosts: &str, host: &str) -> bool {
    let hosts = hosts.strip_prefix("https://").unwrap_or(hosts);
    match hosts.strip_prefix('*') {
        Some(end) => host.ends_with(end),
        None => hosts == host,
    }
}

fn tables<'t>(table: &'t Table, key: &str) -> impl Iterator<Item = &'t Table> {
    table.get(key).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_table)
}

fn named<'t>(
    mut found: impl Iterator<Item = &'t Table>,
    key: &str,
    name: &str,
) -> Option<&'t Table> {
    found.find(|one| one.get(key).and_then(Value::as_str) == Some(name))
}

fn store(table: &Table, url: &WebUrl) -> Finding {
    const CHECK: &str = "store";
    let remedy =
        "Run npx wrangler kv namespace create CONFIG, and write its id into wrangler.toml.";
    let bound = named(tables(table, "kv_namespaces"), "binding", "CONFIG");
    let id = bound.and_then(|bound| bound.get("id")).and_then(Value::as_str).unwrap_or_default();
    match bound {
        None => Finding::bad(CHECK, "no KV namespace is bound as CONFIG", remedy),
        Some(_) if !url.is_local() && id.bytes().all(|byte| byte == b'0') => {
            Finding::bad(CHECK, "the id of the KV namespace CONFIG is not filled in", remedy)
        }
        Some(_) => Finding::good(CHECK, "a KV namespace is bound as CONFIG"),
    }
}

fn login_limit(table: &Table) -> Finding {
    const CHECK: &str = "login-limit";
    if named(tables(table, "ratelimits"), "name", "LOGIN_LIMIT").is_some() {
        return Finding::good(CHECK, "sign-ins of one address are counted (LOGIN_LIMIT)");
    }
    let says = "no rate limit is bound as LOGIN_LIMIT: nobody counts sign-ins";
    Finding::bad(
        CHECK,
        says,
        "Bind one in wrangler.toml, as Vestibule's own does under [[ratelimits]].",
    )
}
