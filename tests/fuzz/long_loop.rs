//! The fuzz targets as a long random loop, for machines without a nightly compiler.
//!
//! `long_loop SECONDS [SEED] [TARGET]` feeds each target for so long with inputs grown from examples: pieces are
//! joined, and bytes replaced, taken out, put in and repeated. Those of a driver grow from its captures. An input that a target panics on is printed in
//! hexadecimal with the seed, and the exit code is 1.

use std::path::Path;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use tallyman_drivers::capture;
use tallyman_fuzz::targets;

/// The longest input: beyond what any symbol of the targets holds.
const INPUT_BYTES_MAX: usize = 400;

/// What inputs grow from.
const EXAMPLES: &[&[u8]] = &[
    b"]C10109521234543213",
    b"]d2010952123454321310LOT7\x1d17271231\x1d21AB12",
    b"00359012340000000421",
    b"02095212345432133712\x1d00359012340000000421",
    b"3103001250392212345\x1d3932978125\x1d",
    b"]E04006381333931|]e010LOT\x1d17271231",
    b"]E004252614",
    b"]E3400638133393105",
    b"(01)09521234543213(10)A\\(B(17)271231",
    b"https://id.gs1.org/01/09521234543213/10/LOT%2F7/21/A?17=271231&3103=001250",
    b"01/15901234234570/22/A/10/B/21/C?90=x&99=y",
    b"414/9521234543213/254/A",
    b"8003095212345432131234A\x1d8004952112345A",
    b"42327662084\x1d7003271231120043242712319999",
    b"8013952112345ABMH\x1d8007DE89370400440532013000",
    b"810006141411234562501100003271231",
    b"8030abc_-==\x1d2539521234543213A\x1d725812/3",
    b"\x30\x74\x25\x7B\xF7\x19\x4E\x40\x00\x00\x1A\x85",
    b"\x36\x2E\x32\xC9\x1C\x00\x13\xA6\x6F\xE8\xBD\xBA\xDC\x20\0\0\0\0\0\0\0\0\0\0\0\0",
    b"\xF7\x30\x95\x21\x23\x45\x43\x21\x30\x01\x02\x03",
    b"\xFA\x05\x90\x12\x34\xE6\x52\x88\x4F\xEE\xC0\x00",
    b"9521234: 01 10 17{6} 21\n010952123454321310LOT71727123121S",
    b"9521234: 01 17=10 10=17\n010952123454321317LOT7\x1d10271231",
    b"LOC-<[A-Z]{2}[0-9]{3}>\nLOC-<.+>\nLOC-AB123",
    b"%<[a-z]*>\n[%$]\\[{1,3}x?\n%a",
];

const PIECES: &[&[u8]] = &[
    b"\x1d", b"]C1", b"|]e0", b"01", b"10", b"17", b"21", b"240", b"8003", b"91", b"(", b")", b"\\(", b"%", b"%2F",
    b"/", b"?", b"&", b"=", b"#", b"https://", b"\n", b"<", b">", b"[0-9]", b"{1,20}", b"*", b"\xC3\xA9", b"\xFF", b"0",
];

struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ mixed >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((mixed ^ mixed >> 31) % limit.max(1) as u64) as usize
    }

    fn input(&mut self, examples: &[Vec<u8>]) -> Vec<u8> {
        let mut input = examples[self.below(examples.len())].clone();
        for _ in 0..self.below(8) {
            let at = self.below(input.len() + 1);
            match self.below(7) {
                0 => input.splice(at..at, PIECES[self.below(PIECES.len())].iter().copied()).for_each(drop),
                1 => input.splice(at..at, examples[self.below(examples.len())].iter().copied()).for_each(drop),
                2 if at < input.len() => input[at] = self.below(256) as u8,
                3 if at < input.len() => input[at] = 32 + self.below(95) as u8,
                4 if at < input.len() => drop(input.remove(at)),
                5 => input.truncate(at),
                _ => {
                    let to = (at + self.below(12)).min(input.len());
                    let repeated = input[at..to].to_vec();
                    input.splice(at..at, repeated).for_each(drop);
                }
            }
        }
        input.truncate(INPUT_BYTES_MAX);
        input
    }
}

/// What inputs of a target grow from: the captures of the driver of its name, or the examples.
fn examples(target: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../drivers").join(target).join("captures");
    let Ok(entries) = std::fs::read_dir(folder) else {
        return EXAMPLES.iter().map(|example| example.to_vec()).collect();
    };
    let mut paths: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "capture"));
    paths.sort();
    let mut examples = Vec::new();
    for path in paths {
        let text = std::fs::read_to_string(&path).expect("a capture can be read");
        let capture = capture::parse(&text).expect("a capture is one");
        // Whole, and in pieces so that a long one does not hide behind the limit.
        let bytes = capture.device_bytes();
        examples.extend(bytes.chunks(INPUT_BYTES_MAX / 4).map(|piece| [&[3], piece].concat()));
        examples.push([&[7], bytes.as_slice()].concat());
    }
    examples
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let seconds = arguments.first().and_then(|seconds| seconds.parse().ok()).unwrap_or(10);
    let seed = arguments.get(1).and_then(|seed| seed.parse().ok()).unwrap_or(1);
    let chosen = arguments.get(2);
    let mut failed = false;
    for (name, target) in targets().filter(|(name, _)| chosen.is_none_or(|chosen| chosen == name)) {
        let examples = examples(name);
        let (mut chance, mut fed, start) = (Chance(seed), 0u64, Instant::now());
        while start.elapsed() < Duration::from_secs(seconds) {
            let input = chance.input(&examples);
            if catch_unwind(AssertUnwindSafe(|| target(&input))).is_err() {
                let hex: String = input.iter().map(|byte| format!("{byte:02X}")).collect();
                println!("{name}: seed {seed}, input {fed} panics: {hex}");
                failed = true;
                break;
            }
            fed += 1;
        }
        println!("{name}: {fed} inputs in {} s, seed {seed}", start.elapsed().as_secs());
    }
    if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}
