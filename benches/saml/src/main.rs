//! The native contender: reads `FILE SECONDS` or `FILE memory`, answers with a line of JSON.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicBool, AtomicIsize, Ordering::Relaxed};
use std::time::Instant;

use vestibule_bench_saml::Setup;

/// The system's allocator; while it counts, how much of it is held and was held at most.
struct Counting;

static COUNTS: AtomicBool = AtomicBool::new(false);
static HELD: AtomicIsize = AtomicIsize::new(0);
static MOST: AtomicIsize = AtomicIsize::new(0);

fn held(more: usize, less: usize) {
    if COUNTS.load(Relaxed) {
        let change = more as isize - less as isize;
        MOST.fetch_max(HELD.fetch_add(change, Relaxed) + change, Relaxed);
    }
}

// SAFETY: every call is handed to the system's allocator as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        held(layout.size(), 0);
        unsafe { System.alloc(layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // Both are held where the bytes have to move.
        held(size, 0);
        held(0, layout.size());
        unsafe { System.realloc(pointer, layout, size) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        held(0, layout.size());
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn main() {
    let file = std::env::args().nth(1).expect("the set-up, a file");
    let setup = Setup::read(&std::fs::read_to_string(file).unwrap());
    for line in std::io::stdin().lines() {
        let line = line.unwrap();
        let (file, what) = line.split_once(' ').expect("FILE SECONDS");
        let field = std::fs::read_to_string(file).unwrap();
        match what {
            "memory" => println!("{}", memory(&setup, &field)),
            seconds => println!("{}", rate(&setup, &field, seconds.parse().unwrap())),
        }
    }
}

fn rate(setup: &Setup, field: &str, seconds: f64) -> String {
    let outcome = match setup.check(field) {
        Ok(groups) => format!("{groups} groups"),
        Err(refusal) => refusal.code().to_owned(),
    };
    let begun = Instant::now();
    let mut count = 0;
    while begun.elapsed().as_secs_f64() < seconds {
        let _ = std::hint::black_box(setup.check(std::hint::black_box(field)));
        count += 1;
    }
    let seconds = begun.elapsed().as_secs_f64();
    serde_json::json!({ "count": count, "seconds": seconds, "outcome": outcome }).to_string()
}

/// Bytes held at most during one check, beyond the field itself.
fn memory(setup: &Setup, field: &str) -> String {
    HELD.store(0, Relaxed);
    MOST.store(0, Relaxed);
    COUNTS.store(true, Relaxed);
    let _ = std::hint::black_box(setup.check(field));
    COUNTS.store(false, Relaxed);
    serde_json::json!({ "bytes": MOST.load(Relaxed) }).to_string()
}
