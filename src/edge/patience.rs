//! How long anybody waits for what we depend on. The application is not bounded: how long it takes
//! is its own matter, and Cloudflare's.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use worker::Delay;

/// What one answer of the store or the ledger may take. Both usually need milliseconds, and the
/// largest document well under a second.
const PATIENCE: Duration = Duration::from_secs(5);

/// What comes of it in that time, or `None`.
pub(super) async fn within<T>(future: impl Future<Output = T>) -> Option<T> {
    let mut future = pin!(future);
    let mut over = pin!(Delay::from(PATIENCE));
    poll_fn(|context| match future.as_mut().poll(context) {
        Poll::Ready(value) => Poll::Ready(Some(value)),
        Poll::Pending => over.as_mut().poll(context).map(|()| None),
    })
    .await
}
