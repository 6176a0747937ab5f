//! An application that never sees anybody who did not come through the gate.

mod keys;

use std::sync::Arc;

use axum::extract::{Extension, Request, State};
use axum::http::{StatusCode, Uri};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use keys::Keys;
use serde::Deserialize;
use serde_json::{Value, json};

/// What the assertion says of who asks.
#[derive(Clone, Deserialize)]
struct Caller {
    email: Option<String>,
    groups: Vec<String>,
}

const STYLE: &str = "body { font: 1rem/1.5 system-ui, sans-serif; }\n";

/// Lets through what the gate has signed, and tells who asks.
async fn through_the_gate(
    State(keys): State<Arc<Keys>>,
    mut request: Request,
    next: Next,
) -> Response {
    let token = request.headers().get("x-access-jwt").and_then(|value| value.to_str().ok());
    let token = token.unwrap_or_default().to_owned();
    match tokio::task::spawn_blocking(move || keys.verify(&token)).await {
        Ok(Some(caller)) => {
            request.extensions_mut().insert(caller);
            next.run(request).await
        }
        _ => (StatusCode::FORBIDDEN, "Not through the gate.\n").into_response(),
    }
}

async fn page(uri: Uri, Extension(caller): Extension<Caller>) -> Json<Value> {
    Json(json!({ "page": uri.path(), "email": caller.email, "groups": caller.groups }))
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    // Where people reach the application: the gate's address, which signs as this and for this.
    let keys = Arc::new(Keys::of(std::env::var("GATE")?));
    let port = std::env::var("PORT").unwrap_or("3000".to_owned());
    let protected = Router::new()
        .route("/", get(page))
        .route("/HR", get(page))
        .route("/IT", get(page))
        .layer(middleware::from_fn_with_state(keys, through_the_gate));
    // Paths that the policy makes public come without an assertion.
    let app = protected.route("/assets/style.css", get(|| async { STYLE }));
    let listener = tokio::net::TcpListener::bind(format!("127.0.0.1:{port}")).await?;
    println!("http://{}/", listener.local_addr()?);
    axum::serve(listener, app).await?;
    Ok(())
}
