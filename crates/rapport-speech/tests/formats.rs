//! Every format that is read, whole and broken.
#![allow(clippy::unwrap_used, clippy::panic, reason = "test code")]

use std::path::Path;

use rapport_speech::audio::{decode, seconds};
use rapport_speech::{AudioError, AudioLimits};

const CLIPS: [&str; 7] =
    ["clip.wav", "clip.flac", "clip.mp3", "clip-vorbis.ogg", "clip-narrow.ogg", "clip-wide.ogg", "clip.webm"];

fn clip(name: &str) -> Vec<u8> {
    std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clips").join(name)).unwrap()
}

/// The level of each tenth of a second, from the first that is loud on.
fn contour(samples: &[f32]) -> Vec<f32> {
    let level = |part: &[f32]| (part.iter().map(|s| s * s).sum::<f32>() / part.len() as f32).sqrt();
    samples.chunks_exact(1_600).map(level).collect()
}

fn correlation(a: &[f32], b: &[f32]) -> f32 {
    let n = a.len().min(b.len());
    let (a, b) = (&a[..n], &b[..n]);
    let mean = |x: &[f32]| x.iter().sum::<f32>() / n as f32;
    let (mean_a, mean_b) = (mean(a), mean(b));
    let product = |x: &[f32], y: &[f32], mx: f32, my: f32| -> f32 {
        x.iter().zip(y).map(|(x, y)| (x - mx) * (y - my)).sum()
    };
    product(a, b, mean_a, mean_b) / (product(a, a, mean_a, mean_a) * product(b, b, mean_b, mean_b)).sqrt()
}

#[test]
fn every_format_holds_the_same_sound() {
    let original = decode(&clip("clip.wav"), AudioLimits::default()).unwrap();
    assert!((seconds(&original) - 1.54).abs() < 0.01);
    for name in CLIPS {
        let samples = decode(&clip(name), AudioLimits::default()).unwrap();
        assert!((seconds(&samples) - seconds(&original)).abs() < 0.1, "{name}: {} s", seconds(&samples));
        assert!(samples.iter().all(|sample| sample.is_finite() && sample.abs() <= 1.5), "{name}");
        let alike = correlation(&contour(&original), &contour(&samples));
        assert!(alike > 0.95, "{name}: {alike}");
    }
}

#[test]
fn opus_at_few_bits_is_the_same_wave_and_not_only_as_loud() {
    // A decoder that was tried garbled narrow-band frames: right in level and length, noise to the ear.
    let original = decode(&clip("clip.wav"), AudioLimits::default()).unwrap();
    let narrow = decode(&clip("clip-narrow.ogg"), AudioLimits::default()).unwrap();
    let best = (0..200)
        .map(|shift| correlation(&original[shift..], &narrow).max(correlation(&original, &narrow[shift..])));
    let best = best.fold(0.0, f32::max);
    assert!(best > 0.8, "{best}");
}

#[test]
fn a_file_cut_off_or_flipped_anywhere_is_read_or_refused_and_never_panics() {
    for name in CLIPS {
        let whole = clip(name);
        for step in 0..60 {
            let cut = whole.len() * step / 60;
            match decode(&whole[..cut], AudioLimits::default()) {
                Ok(samples) => assert!(samples.len() < 2 * 16_000, "{name} cut at {cut}"),
                Err(error) => assert!(!error.to_string().is_empty()),
            }
            let mut flipped = whole.clone();
            for at in (step..flipped.len()).step_by(97) {
                flipped[at] ^= 1 << (step % 8);
            }
            let _ = decode(&flipped, AudioLimits::default());
        }
    }
}

#[test]
fn what_only_starts_like_audio_is_refused() {
    for start in [
        &b"RIFF\x24\x00\x00\x00WAVEfmt "[..],
        b"fLaC",
        b"OggS",
        b"ID3",
        b"\xff\xfb\x90\x00",
        b"FORM\0\0\0\x10AIFF",
        b"\x1a\x45\xdf\xa3",
    ] {
        for length in [0, 1, 100, 10_000] {
            let file = [start, &vec![0x5a; length]].concat();
            let error = decode(&file, AudioLimits::default());
            assert!(error.is_err(), "{start:?} and {length} bytes");
        }
    }
    assert_eq!(decode(&[0; 4_000], AudioLimits::default()), Err(AudioError::UnknownFormat));
}

#[test]
fn the_limit_of_seconds_holds_for_every_format() {
    let limits = AudioLimits { max_seconds: 1.0, ..AudioLimits::default() };
    for name in CLIPS {
        assert_eq!(decode(&clip(name), limits), Err(AudioError::TooLong { limit: 1.0 }), "{name}");
    }
}
