//! Answers that are there at once.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};

use wasm_bindgen::JsValue;
use wasm_bindgen_futures::future_to_promise;

/// What waits for the runtime. One type, so that what makes promises and tasks is there once.
pub(super) type Pending<T> = Pin<Box<dyn Future<Output = T>>>;

/// What a future comes to, or a promise of it. A task of Rust's, with its promise and its turns in
/// the runtime's queue, costs more than all that the gate does for an ordinary request: so it is
/// made only for a future that has to wait.
pub(super) fn at_once(mut future: Pending<Result<JsValue, JsValue>>) -> Result<JsValue, JsValue> {
    let relay = Arc::new(Relay::default());
    let waker = Waker::from(Arc::clone(&relay));
    match future.as_mut().poll(&mut Context::from_waker(&waker)) {
        Poll::Ready(outcome) => outcome,
        Poll::Pending => Ok(future_to_promise(poll_fn(move |task| {
            relay.lead_to(task.waker());
            future.as_mut().poll(&mut Context::from_waker(&waker))
        }))
        .into()),
    }
}

/// Wakes the task, once there is one. Some futures (`worker::Delay`) keep the first waker that they
/// see: it has to be good for all polls.
#[derive(Default)]
struct Relay(Mutex<Option<Waker>>);

impl Relay {
    fn lead_to(&self, task: &Waker) {
        if let Ok(mut waker) = self.0.lock() {
            *waker = Some(task.clone());
        }
    }
}

impl Wake for Relay {
    fn wake(self: Arc<Self>) {
        let task = self.0.lock().ok().and_then(|waker| waker.clone());
        if let Some(task) = task {
            task.wake();
        }
    }
}

/// What each of them comes to; none waits for another.
pub(super) async fn all<T>(futures: impl Iterator<Item = impl Future<Output = T>>) -> Vec<T> {
    let mut all: Vec<_> = futures.map(|future| (Box::pin(future), None)).collect();
    poll_fn(|context| {
        let mut waits = false;
        for (future, outcome) in all.iter_mut().filter(|(_, outcome)| outcome.is_none()) {
            match future.as_mut().poll(context) {
                Poll::Ready(value) => *outcome = Some(value),
                Poll::Pending => waits = true,
            }
        }
        if waits { Poll::Pending } else { Poll::Ready(()) }
    })
    .await;
    all.into_iter().filter_map(|(_, outcome)| outcome).collect()
}
