//! What this process has used so far, as the kernel counts it.

/// Bytes of a page of memory on the machines that this is run on.
const PAGE_BYTES: u64 = 4_096;

/// What this process has used.
#[derive(Clone, Copy)]
pub struct Usage {
    /// CPU of all threads, in microseconds, in steps of 10 ms.
    pub cpu_us: u64,
    /// Memory it holds.
    pub resident_bytes: u64,
}

impl Usage {
    pub fn now() -> Self {
        let stat = std::fs::read_to_string("/proc/self/stat").expect("/proc");
        // After the name, which may hold anything but a closing bracket at its end: utime and stime are the 12th and the
        // 13th from there, in hundredths of a second (proc(5)).
        let (_, rest) = stat.rsplit_once(')').expect("a name");
        let field = |place: usize| -> u64 {
            let text = rest.split_whitespace().nth(place).expect("a field");
            text.parse().expect("a number")
        };
        let statm = std::fs::read_to_string("/proc/self/statm").expect("/proc");
        let pages: u64 = statm
            .split(' ')
            .nth(1)
            .and_then(|text| text.parse().ok())
            .expect("pages");
        Self {
            cpu_us: (field(11) + field(12)) * 10_000,
            resident_bytes: pages * PAGE_BYTES,
        }
    }
}
